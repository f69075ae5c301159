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

  const draw = async (plot) => {
    const figure = figures[plot.dataset.figure];
    const { data, layout } = coloured(figure, getComputedStyle(root));
    await Plotly.react(plot, data, layout, {
      responsive: true,
      displaylogo: false,
      displayModeBar: plot.closest(".small") ? false : "hover",
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
      toImageButtonOptions: { format: "svg", filename: "saddlescape" },
    });
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
    for (const plot of plots) plot.on("plotly_relayout", () => fit(plot));
    new ResizeObserver(() => plots.forEach(fit)).observe(document.body);
  });
})();
