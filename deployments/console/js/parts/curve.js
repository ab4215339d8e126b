/** A line over time, drawn with uPlot in the page's own colours. */
import uPlot from "../../vendor/uplot/uPlot.esm.js";
import { h } from "../dom.js";

const HEIGHT_PX = 170;
const GUTTER_PX = 44;
const FOOT_PX = 26;

/**
 * A plot that grows with its container.
 * @param {{title: string, unit?: string, from?: number, to?: number, xLabel: (x: number) => string, signal: AbortSignal}} options
 *   from, to: ends of the vertical axis, where they are fixed.
 * @returns {{element: HTMLElement, draw: (xs: number[], ys: (number|null)[], summary: string) => void}}
 *   draw shows points; its summary is what screen readers say.
 */
export function curve({ title, unit = "", from, to, xLabel, signal }) {
  const place = h("div", { class: "plot" });
  const caption = h("figcaption", {}, title);
  const said = h("span", { class: "hidden" });
  const element = h("figure", { class: "curve" }, caption, place, said);
  let data = [[], []];
  let plot = null;

  const rebuild = () => {
    plot?.destroy();
    const width = place.clientWidth;
    plot = width > 0 ? new uPlot(options({ width, unit, from, to, xLabel }), data, place) : null;
  };

  const resized = new ResizeObserver(rebuild);
  resized.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild, { signal });
  signal.addEventListener("abort", () => { resized.disconnect(); plot?.destroy(); });
  const draw = (xs, ys, summary) => {
    data = [xs, ys];
    said.textContent = summary;
    plot?.setData(data);
  };
  return { element, draw };
}

function options({ width, unit, from, to, xLabel }) {
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width,
    height: HEIGHT_PX,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: (_, low, high) => [from ?? low, to ?? nice(high)] } },
    series: [{}, { stroke: colour("--accent"), width: 2, points: { show: false }, spanGaps: true }],
    axes: [
      { ...axis, size: FOOT_PX, values: (_, xs) => xs.map(xLabel), space: 64 },
      { ...axis, size: GUTTER_PX, values: (_, ys) => ys.map((y) => `${trimmed(y)}${unit}`), space: 36 },
    ],
  };
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Room above the highest point, and a height where all points are at zero. */
function nice(high) {
  return high > 0 ? high * 1.1 : 1;
}

function trimmed(value) {
  return String(Number(value.toPrecision(3)));
}
