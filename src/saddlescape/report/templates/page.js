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

  // Boxes are [left, top, right, bottom] in pixels, from the upper left corner of the axes.
  const around = ([x, y], half, rise) => [x - half, y - rise, x + half, y + rise];
  const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
  const halfWidth = (text) => 3.4 * text.length + 3;

  // Where a label may stand: on its line, or around its mark, at first close by, then on a leash.
  const turns = [[1, 0], [-1, 0], [0, -1], [0, 1], [0.7, -0.7], [0.7, 0.7], [-0.7, -0.7], [-0.7, 0.7]];
  const spots = (label, places, gaps) => {
    if (!label.radius) return places.map((at) => ({ at, far: false }));
    const [[x, y]] = places;
    const half = halfWidth(label.text);
    return gaps.flatMap((gap) => turns.map(([across, down]) => ({
      at: [x + across * (label.radius + gap + half), y + down * (label.radius + gap + 8)], far: gap > 2,
    })));
  };

  // Labels take the first spot where they cover no mark and no word; one that finds none stays out.
  const label = (plot, labels, base) => {
    const { xaxis, yaxis } = plot._fullLayout;
    const placed = labels.map((item) => ({ ...item, places: item.at.map(([x, y]) => [xaxis.l2p(x), yaxis.l2p(y)]) }));
    const taken = placed.filter((item) => item.radius).map((item) => around(item.places[0], item.radius, item.radius));
    const [words, named] = [[], []];
    // Few marks may have words at a distance; the threads of many would become a thicket.
    const gaps = labels.length > 12 ? [2, 12, 22] : [2, 12, 26, 42, 60];
    // The thread from a mark to a word stands clear of other words, but may cross marks.
    const leash = ({ places: [[x, y]] }, { at, far }) => (far ? [0.25, 0.5, 0.75] : [])
      .map((part) => around([x + part * (at[0] - x), y + part * (at[1] - y)], 2, 2));
    for (const item of placed.filter(({ text }) => text)) {
      const box = (spot) => around(spot.at, halfWidth(item.text), 8);
      const isInside = ([left, top, right, bottom]) => left >= 0 && top >= 0 && right <= xaxis._length && bottom <= yaxis._length;
      const isFree = (spot) => isInside(box(spot)) && [box(spot), ...leash(item, spot)].every((part, i) => !(i ? named : taken).some((other) => meet(part, other)));
      const free = spots(item, item.places, gaps).find(isFree);
      if (!free) continue;
      named.push(box(free));
      taken.push(box(free), ...leash(item, free));
      const look = { text: item.text, font: { size: 11, color: item.tone }, borderpad: 1, ...item.look };
      if (!item.radius) {
        words.push({ ...look, x: xaxis.p2l(free.at[0]), y: yaxis.p2l(free.at[1]), showarrow: false });
        continue;
      }
      const [[x, y], [x0, y0]] = [item.at[0], item.places[0]];
      const [right, down] = [free.at[0] - x0, free.at[1] - y0];
      words.push(free.far
        ? { ...look, x, y, showarrow: true, ax: right, ay: down, arrowhead: 0, arrowwidth: 1, standoff: item.radius }
        : { ...look, x, y, showarrow: false, xshift: right, yshift: -down });
    }
    return words.length ? Plotly.relayout(plot, { annotations: [...base, ...words] }) : undefined;
  };

  // Numbers on bars stay where they do not run into those of higher bars.
  const thinBars = async (plot) => {
    const { xaxis, yaxis } = plot._fullLayout;
    const bars = plot.data.flatMap((trace, number) => trace.type !== "bar" || trace.orientation === "h" || !trace.text ? []
      : trace.text.map((text, i) => ({ number, i, text, at: [xaxis.d2p(trace.x[i]), yaxis.d2p(Number(text.replaceAll(",", "")) || 0) - 9] })));
    const taken = [];
    const texts = plot.data.map((trace) => (trace.text ? [...trace.text] : ""));
    let dropped = false;
    for (const bar of bars.filter(({ text }) => text).sort((a, b) => a.at[1] - b.at[1])) {
      const box = around(bar.at, halfWidth(bar.text), 7);
      if (taken.some((other) => meet(box, other))) { texts[bar.number][bar.i] = ""; dropped = true; } else taken.push(box);
    }
    if (dropped) await Plotly.restyle(plot, { text: texts });
  };

  // What moves is drawn here, over what plotly drew once; colours are the style's own.
  const element = (parent, name, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return parent.appendChild(made);
  };
  const set = (node, key, value) => { if (node.getAttribute(key) !== value) node.setAttribute(key, value); };
  const hide = (node, isHidden) => set(node, "visibility", isHidden ? "hidden" : "visible");

  // Each kind of mark makes its elements once, and returns what puts them where a frame wants them.
  const kinds = {
    stroke(group, { tone, width, dashed, head }, at) {
      const line = { fill: "none", "stroke-linejoin": "round" };
      const halo = element(group, "path", { ...line, style: "stroke: var(--paper)", "stroke-width": width + 2 });
      const path = element(group, "path", { ...line, style: `stroke: var(${tone})`, "stroke-width": width, "stroke-dasharray": dashed ? "7 3" : "none" });
      const tips = head ? element(group, "path", { style: `fill: var(${tone}); stroke: var(--paper); paint-order: stroke`, "stroke-width": 2 }) : null;
      return (lines) => {
        const heads = [];
        const way = lines.map((places) => {
          const points = [];
          for (let i = 0; i < places.length; i += 2) points.push(at(places[i], places[i + 1]));
          if (head && points.every(Boolean)) {
            const [[x0, y0], [x, y]] = points.slice(-2);
            const size = Math.hypot(x - x0, y - y0);
            const long = Math.min(head, size);
            const [across, down] = size ? [(x - x0) / size * long, (y - y0) / size * long] : [0, 0];
            heads.push(`M${x},${y}L${x - across - 0.4 * down},${y - down + 0.4 * across}L${x - across + 0.4 * down},${y - down - 0.4 * across}Z`);
            points[points.length - 1] = [x - 0.8 * across, y - 0.8 * down];
          }
          return points.map((point, i) => (point ? (points[i - 1] ? "L" : "M") + point : "")).join("");
        }).join("");
        for (const node of [halo, path]) set(node, "d", way);
        if (tips) set(tips, "d", heads.join(""));
      };
    },
    // A path as far as it has come; an inner picture of the size of the axes cuts off what leaves them.
    trail(group, { tone, width, path }, at, start, box) {
      const inner = element(group, "svg", { ...box, viewBox: [box.x, box.y, box.width, box.height].join(" "), overflow: "hidden" });
      const line = { fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round" };
      const strokes = [["--paper", width + 2], [tone, width]].map(([colour, wide]) =>
        element(inner, "path", { ...line, style: `stroke: var(${colour})`, "stroke-width": wide }));
      const points = [];
      for (let i = 0; i < path.length; i += 2) points.push(at(path[i], path[i + 1]));
      const steps = points.map((point, i) => (point ? (points[i - 1] ? "L" : "M") + point : ""));
      return (count) => {
        const way = steps.slice(0, count).join("");
        for (const node of strokes) set(node, "d", way);
      };
    },
    dots(group, { tone, outlines }, at) {
      const nodes = outlines.map((d) => element(group, "path", { d, style: `fill: var(${tone}); stroke: var(--paper)`, "stroke-width": 1 }));
      return (places) => nodes.forEach((node, i) => {
        const point = at(...places[i]);
        hide(node, !point);
        if (point) set(node, "transform", `translate(${point})`);
      });
    },
    words(group, { tone }, at, start) {
      const nodes = start.map(() => element(group, "text", { class: "word", style: `fill: var(${tone})` }));
      return (places) => nodes.forEach((node, i) => {
        const [left, low, text, across, up] = places[i];
        const point = at(left, low);
        hide(node, !point);
        if (node.textContent !== text) node.textContent = text;
        if (!point) return;
        const size = Math.hypot(across, up) || 1;
        set(node, "x", String(point[0] + (across / size) * (8 + halfWidth(text))));
        set(node, "y", String(point[1] - (up / size) * 13));
      });
    },
  };

  // Puts the elements of a picture's movie in place, and leaves how to move them with the picture.
  const enact = (plot) => {
    const { marks, frames } = figures[plot.dataset.figure];
    plot.querySelector(".moving")?.remove();
    const group = element(plot.querySelector(".main-svg"), "g", { class: "moving" });
    const { xaxis, yaxis } = plot._fullLayout;
    const round = (value) => Math.round(10 * value) / 10;
    const at = (x, y) => (x === null || y === null ? null : [round(xaxis._offset + xaxis.l2p(x)), round(yaxis._offset + yaxis.l2p(y))]);
    const box = { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length };
    const movers = marks.map((mark, i) => kinds[mark.kind](group, mark, at, frames[0][i], box));
    plot.move = (number) => movers.forEach((mover, i) => mover(frames[number][i]));
    plot.move(plot.closest(".movie").querySelector("input").value);
  };

  // All of a movie in about six seconds, but no faster than an eye can follow few frames.
  const pace = (count) => Math.min(400, Math.max(50, 6000 / count));
  const enliven = (movie) => {
    const [play, slider, now] = movie.querySelectorAll(".play, .player input, .now");
    const captions = JSON.parse(slider.dataset.captions);
    const panels = [...movie.querySelectorAll(".plot")];
    const last = captions.length - 1;
    const wanted = () => Number(slider.value);
    let timer = 0;
    const show = () => {
      now.textContent = captions[wanted()];
      slider.setAttribute("aria-valuetext", captions[wanted()]);
      for (const plot of panels) plot.move?.(wanted());
    };
    const stop = () => {
      cancelAnimationFrame(timer);
      timer = 0;
      delete play.dataset.playing;
      play.setAttribute("aria-label", "Play");
    };
    const start = () => {
      const first = wanted() === last ? 0 : wanted();
      let begun;
      play.dataset.playing = "";
      play.setAttribute("aria-label", "Pause");
      const tick = (time) => {
        begun ??= time;
        const due = Math.min(last, first + Math.floor((time - begun) / pace(captions.length)));
        slider.value = due;
        show();
        if (due === last) stop(); else timer = requestAnimationFrame(tick);
      };
      timer = requestAnimationFrame(tick);
    };
    play.addEventListener("click", () => (timer ? stop() : start()));
    slider.addEventListener("input", () => { stop(); show(); });
    // On paper some frames stand below one another: copies of the pictures as they were then.
    const paper = movie.querySelector(".stills");
    const still = (number) => {
      for (const plot of panels) plot.move?.(number);
      const copies = movie.querySelector(".panels").cloneNode(true);
      for (const named of copies.querySelectorAll("[id^='figure-']")) named.removeAttribute("id");
      const caption = document.createElement("p");
      caption.textContent = captions[number];
      paper.append(copies, caption);
    };
    const print = () => {
      stop();
      paper.replaceChildren();
      JSON.parse(slider.dataset.stills).forEach(still);
      show();
    };
    play.hidden = slider.hidden = false;
    return { print, clear: () => paper.replaceChildren() };
  };
  const movies = [...document.querySelectorAll(".movie")].map(enliven);

  const isTouched = matchMedia("(hover: none)").matches;
  const draw = async (plot) => {
    const figure = figures[plot.dataset.figure];
    const { data, layout, labels } = coloured(figure, getComputedStyle(root));
    layout.width = plot.clientWidth;
    const hasTools = !plot.closest(".small") && !isTouched && layout.width >= 560;
    if (!hasTools && layout.margin.t > 40) layout.margin.t = 34;
    for (const [axis, room] of [[layout.xaxis, layout.width - 120], [layout.yaxis, layout.height - 60]]) {
      if (axis.title) axis.title.text = wrapped(axis.title.text, room);
    }
    await Plotly.react(plot, data, layout, {
      displaylogo: false,
      displayModeBar: hasTools ? "hover" : false,
      modeBarButtons: [["zoom2d", "pan2d", "resetScale2d", "toImage"]],
      toImageButtonOptions: { format: "svg", filename: "saddlescape" },
    });
    await thin(plot);
    await thinBars(plot);
    await label(plot, labels, layout.annotations);
    fit(plot);
    if (figure.frames) enact(plot);
  };

  const fit = (plot) => {
    const { width, height } = plot._fullLayout;
    plot.style.setProperty("--ratio", `${width} / ${height}`);
    for (const svg of plot.querySelectorAll(".main-svg")) svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  };

  // A table that is wider than the page says so.
  const hint = () => {
    for (const box of document.querySelectorAll(".scroll")) box.classList.toggle("wide", box.scrollWidth > box.clientWidth + 1);
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
  addEventListener("beforeprint", () => {
    if (theme === "dark") show("light");
    for (const movie of movies) movie.print();
  });
  addEventListener("afterprint", () => {
    for (const movie of movies) movie.clear();
    if (theme === "dark") show("dark");
  });

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

  hint();
  show(theme).then(() => {
    root.dataset.drawn = "yes";
    let width = document.body.clientWidth;
    new ResizeObserver(() => {
      // On paper the pictures shrink as they are (see the style); only the window redraws them.
      if (document.body.clientWidth === width || matchMedia("print").matches) return;
      width = document.body.clientWidth;
      plots.forEach(draw);
      hint();
    }).observe(document.body);
  });
})();
