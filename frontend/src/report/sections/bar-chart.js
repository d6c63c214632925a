/** A uPlot bar chart in the page's colours, redrawn when its size or the theme changes. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { formatBucketTicks, formatCount, formatMoneyTicks } from "../../format.js";
import { html } from "../../html.js";

const HEIGHT = 190;
const WIDEST_BAR = 36;
const LABEL_WIDTH = 74;
const RIGHT = 30; // half a label
// How many buckets a label may be from the next.
const STEPS = { minute: [1, 2, 5, 10, 15, 30, 60], hour: [1, 2, 3, 4, 6, 12, 24, 48, 72, 168], day: [1, 2, 4, 7, 14, 28], month: [1, 2, 3, 6, 12] };

export function BarChart({ found, values, money: inMoney, onPoint, label }) {
  const place = useRef(null);
  useEffect(() => {
    const box = place.current;
    let plot = null;
    const draw = () => {
      plot?.destroy();
      const width = Math.max(box.clientWidth, 200);
      plot = new uPlot(makeOptions({ found, inMoney, onPoint, width, colours: readThemeColours(box) }), [found.at, values], box);
    };
    const sizes = new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - (plot?.width ?? 0)) > 1) draw();
    });
    const themes = watchTheme(draw);
    draw();
    sizes.observe(box);
    return () => {
      sizes.disconnect();
      themes();
      plot.destroy();
    };
  }, [found.at.length, found.at[0], inMoney]);
  return html`<div class="rp-chart" dir="ltr" role="img" aria-label=${label} ref=${place}></div>`;
}

/** Calls `changed` when the colours change: the system's theme, the user's choice, or printing. Returns a function that stops it. */
function watchTheme(changed) {
  const media = [matchMedia("(prefers-color-scheme: dark)"), matchMedia("print")];
  const chosen = new MutationObserver(changed);
  chosen.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  media.forEach((one) => one.addEventListener("change", changed));
  return () => {
    chosen.disconnect();
    media.forEach((one) => one.removeEventListener("change", changed));
  };
}

function readThemeColours(box) {
  const style = getComputedStyle(box);
  const token = (name) => style.getPropertyValue(name).trim();
  return { bar: token("--accent"), line: token("--line"), ink: token("--ink-soft"), font: `12px ${style.fontFamily}` };
}

function makeOptions({ found, inMoney, onPoint, width, colours: { bar, line, ink, font } }) {
  const axis = { stroke: ink, font, grid: { show: false }, ticks: { stroke: line, size: 4 } };
  const apart = found.at.length > 1 ? (found.at[1] - found.at[0]) / 2 : 30;
  const labelled = selectLabelled(found, width);
  const [first, last] = [found.at[0], found.at[found.at.length - 1]];
  return {
    width,
    height: HEIGHT,
    padding: [8, RIGHT, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
    hooks: { setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)] },
    scales: {
      x: { range: () => [first - apart, last + apart] },
      y: { range: (_, low, high) => [0, high > 0 ? high * 1.05 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 46,
        splits: () => labelled,
        values: () => formatBucketTicks(labelled, found.period, found.relative),
      },
      {
        ...axis,
        grid: { stroke: line, width: 1 },
        ticks: { show: false },
        size: measureLabels,
        values: (_, splits) => (inMoney ? formatMoneyTicks(splits) : splits.map(formatCount)),
      },
    ],
    series: [
      {},
      { fill: bar, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.75, WIDEST_BAR], align: 0 }) },
    ],
  };
}

/** The buckets that have a label: as many as fit. */
function selectLabelled(found, width) {
  const room = Math.max(1, Math.floor((width - LABEL_WIDTH - RIGHT) / LABEL_WIDTH));
  const least = found.at.length / room;
  const step = STEPS[found.period].find((each) => each >= least) ?? Math.ceil(least);
  return found.at.filter((_, place) => place % step === 0);
}

// As wide as the longest label, so that no figure is cut off.
function measureLabels(plot, values) {
  const longest = Math.max(0, ...(values ?? []).map((text) => text.length));
  return Math.max(36, longest * 7.2 + 12);
}
