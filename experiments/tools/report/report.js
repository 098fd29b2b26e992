// Charts, the theme and the filters of a report. `words.js` has the word map.
"use strict";

const report = {
  charts: [], // functions that draw a chart anew

  // Returns the colour that a variable of the style sheet has in the present theme.
  color(name) {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const color = getComputedStyle(probe).color;
    probe.remove();
    return color;
  },

  // Returns the configuration of all charts: https://vega.github.io/vega/docs/config/
  config() {
    const ink = report.color("ink");
    const muted = report.color("muted");
    const line = report.color("line");
    const palette = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => report.color(`c${number}`));
    const text = { labelColor: ink, titleColor: ink, labelFontSize: 12, titleFontSize: 12 };
    return {
      axis: { ...text, aria: false, gridColor: line, domainColor: muted, tickColor: muted, titleFontWeight: "normal" },
      legend: { ...text, aria: false },
      range: { category: palette },
    };
  },

  // Draws a specification of Vega into an element, as wide as it; returns the promise of its view.
  draw(element, spec, renderer) {
    const signals = spec.signals.map((signal) => {
      const isColor = ["ink", "muted", "surface"].includes(signal.name);
      return isColor ? { ...signal, value: report.color(signal.name) } : signal;
    });
    const width = Math.max(200, element.clientWidth - 8);
    const options = {
      mode: "vega", renderer, actions: false, defaultStyle: false, config: report.config(),
      ast: true, // expressions are interpreted: the page forbids to compile texts to code
      tooltip: { disableDefaultStyle: true }, // report.css has another
    };
    return vegaEmbed(element, { ...spec, signals, width }, options).then((result) => result.view);
  },

  // Draws all charts anew, in another theme or width.
  redraw() {
    for (const draw of report.charts) draw();
  },
};

for (const script of document.querySelectorAll("script.spec")) {
  const element = script.parentElement.querySelector(".chart");
  const spec = JSON.parse(script.textContent);
  report.charts.push(() => report.draw(element, spec, "svg"));
}

document.getElementById("theme").addEventListener("change", (event) => {
  document.documentElement.dataset.theme = event.target.value;
  report.redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", report.redraw);

let width = innerWidth;
let timer = 0;
addEventListener("resize", () => {
  clearTimeout(timer);
  if (innerWidth === width) return; // on phones scrolling changes the height
  width = innerWidth;
  timer = setTimeout(report.redraw, 150);
});

// Wrong predictions: one pair of classes, or all.
for (const select of document.querySelectorAll("select.filter")) {
  const rows = [...document.getElementById(select.dataset.table).tBodies[0].rows];
  const pairOf = (row) => `${row.cells[1].textContent} taken for ${row.cells[2].textContent}`;
  const counts = new Map();
  for (const row of rows) counts.set(pairOf(row), (counts.get(pairOf(row)) || 0) + 1);
  for (const [pair, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    select.add(new Option(`${pair} (${count})`, pair));
  }
  select.addEventListener("change", () => {
    for (const row of rows) row.hidden = select.value !== "" && pairOf(row) !== select.value;
  });
}

report.redraw();
