"use strict";
(() => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const plots = [...document.querySelectorAll(".plot")];
  const button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isColour = (value) => Object.keys(value).length === 1 && typeof value.css === "string";

  // Figures name colours by the style's variables; this looks them up in the present theme.
  const coloured = (value, style) => {
    if (Array.isArray(value)) return value.map((item) => coloured(item, style));
    if (value === null || typeof value !== "object") return value;
    if (isColour(value)) return style.getPropertyValue(value.css).trim();
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coloured(item, style)]));
  };

  // Titles break into lines where the picture is narrow; they come escaped, so "<br>" is ours.
  const wrapped = (text, width) => {
    const most = Math.max(16, Math.floor(width / 8));
    const lines = [""];
    for (const word of (text || "").split(" ")) {
      const last = lines.at(-1);
      if (last && last.length + word.length >= most) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines.join("<br>");
  };

  // Ticks we placed ourselves do not make way for one another: drop those that would collide.
  const thin = (plot) => {
    const { tickmode, tickvals, ticktext } = plot.layout.xaxis;
    if (tickmode !== "array") return undefined;
    const axis = plot._fullLayout.xaxis;
    const ticks = tickvals.map((value, i) => ({ value, text: ticktext[i], at: axis.l2p(value), half: 4 * ticktext[i].length + 4 }));
    const isZero = (tick) => tick.text.startsWith("0");
    const kept = [];
    for (const tick of [...ticks.filter(isZero), ...ticks.filter((tick) => !isZero(tick))]) {
      if (kept.every((other) => Math.abs(other.at - tick.at) >= other.half + tick.half)) kept.push(tick);
    }
    if (kept.length === ticks.length) return undefined;
    return Plotly.relayout(plot, { "xaxis.tickvals": kept.map((t) => t.value), "xaxis.ticktext": kept.map((t) => t.text) });
  };

  const draw = async (plot) => {
    const figure = figures[plot.dataset.figure];
    const { data, layout } = coloured(figure, getComputedStyle(root));
    layout.width = plot.clientWidth;
    layout.xaxis.title.text = wrapped(layout.xaxis.title.text, layout.width - 120);
    layout.yaxis.title.text = wrapped(layout.yaxis.title.text, layout.height - 60);
    await Plotly.react(plot, data, layout, {
      displaylogo: false,
      displayModeBar: plot.closest(".small") ? false : "hover",
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
      toImageButtonOptions: { format: "svg", filename: "saddlescape" },
    });
    await thin(plot);
    fit(plot);
  };

  const fit = (plot) => {
    const { width, height } = plot._fullLayout;
    plot.style.setProperty("--ratio", `${width} / ${height}`);
    for (const svg of plot.querySelectorAll(".main-svg")) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  };

  const show = (theme) => {
    root.dataset.theme = theme;
    button.textContent = theme === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", `Switch to the ${button.textContent.toLowerCase()} theme`);
    button.setAttribute("aria-pressed", String(theme === "dark"));
    return Promise.all(plots.map(draw));
  };

  let theme = system.matches ? "dark" : "light";
  button.addEventListener("click", () => show((theme = theme === "dark" ? "light" : "dark")));
  system.addEventListener("change", (event) => show((theme = event.matches ? "dark" : "light")));
  addEventListener("beforeprint", () => { if (theme === "dark") show("light"); });
  addEventListener("afterprint", () => { if (theme === "dark") show("dark"); });

  // Integers of any length compare exactly; empty cells stay last in both directions.
  const compare = (a, b) => {
    const whole = /^-?\d+$/;
    if (whole.test(a) && whole.test(b)) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
    const difference = Number(a) - Number(b);
    return Number.isNaN(difference) ? a.localeCompare(b) : difference;
  };
  const sort = (heading) => {
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const body = heading.closest("table").tBodies[0];
    const key = (row) => row.cells[heading.cellIndex].dataset.sort;
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const order = (a, b) => (key(a) === "") - (key(b) === "") || sign * compare(key(a), key(b));
    body.append(...[...body.rows].sort(order));
  };
  for (const heading of document.querySelectorAll(".sortable thead th")) {
    heading.querySelector("button").addEventListener("click", () => sort(heading));
  }

  show(theme).then(() => {
    root.dataset.drawn = "yes";
    let width = document.body.clientWidth;
    new ResizeObserver(() => {
      // On paper the pictures shrink as they are (see the style); only the window redraws them.
      if (document.body.clientWidth === width || matchMedia("print").matches) return;
      width = document.body.clientWidth;
      plots.forEach(draw);
    }).observe(document.body);
  });
})();
