// A chart drawn from a table that stands on the page: <div data-chart-of="weeks"> beside <table id="weeks">.
// The first column names the points, the first figure is drawn as bars, the second as a line, a third as dashes;
// an empty cell leaves a gap.

// Colours of ours are written for light and dark at once; the browser says which one holds now.
const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

const figure = (cell) => (cell.textContent.trim() === "" ? null : Number(cell.textContent));

const read = (table) => {
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
  return {
    labels: rows.map((row) => row.cells[0].textContent.trim()),
    series: heads.map((label, n) => ({ label, data: rows.map((row) => figure(row.cells[n + 1])) })),
  };
};

const draw = (place) => {
  const table = document.getElementById(place.dataset.chartOf);
  const { labels, series } = read(table);
  const [quiet, accent, line, text] = ["--line-control", "--accent", "--line", "--text-2"].map(colour);
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${table.caption.textContent.trim()}; the table below says the same.`);
  place.replaceChildren(canvas);
  const looks = [
    { type: "bar", backgroundColor: quiet, order: 2, pointStyle: "rect" },
    { type: "line", borderColor: accent, backgroundColor: accent, pointRadius: 2, borderWidth: 2, order: 1, pointStyle: "circle" },
    { type: "line", borderColor: text, borderDash: [5, 4], pointRadius: 0, borderWidth: 2, order: 0, pointStyle: "line" },
  ];
  window.Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  return new window.Chart(canvas, {
    data: { labels, datasets: series.map((each, n) => ({ ...each, ...looks[n] })) },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: { legend: { align: "start", labels: { color: text, usePointStyle: true, boxHeight: 7, sort: (a, b) => a.datasetIndex - b.datasetIndex } } },
      scales: {
        x: { grid: { display: false }, ticks: { color: text, maxRotation: 0, autoSkipPadding: 16 }, border: { color: line } },
        y: { beginAtZero: true, grid: { color: line }, ticks: { color: text, precision: 0 }, border: { display: false } },
      },
    },
  });
};

const start = () => {
  const places = [...document.querySelectorAll("[data-chart-of]")];
  let charts = places.map(draw);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    charts.forEach((chart) => chart.destroy());
    charts = places.map(draw);
  });
};

// This module may run before the library, which is deferred like it.
if (window.Chart) start();
else window.addEventListener("load", start);
