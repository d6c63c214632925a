/** Lines or columns over an axis, drawn to the width that there is. Pointing at a place shows its values above. */
import { useEffect, useRef, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../texts.js";
import { selectRange, selectTicks } from "./selectors/chart.js";
import { formatColumn } from "./selectors/values.js";

const HEIGHT = 220;
const TOP = 10;
const BOTTOM = 26;
const LEFT = 72;
const RIGHT = 14;
const LABEL_WIDTH = 110;
const MOST_MARKS = 40;
const canHover = matchMedia("(hover: hover)");

export function Plot({ chart }) {
  const place = useRef(null);
  const width = useWidth(place);
  const [at, setAt] = useState(null);
  return html`<div class="an-plot" dir="ltr" ref=${place}>
    <p class=${at === null ? "rp-read an-hint" : "rp-read"} aria-hidden="true">${at === null ? t(canHover.matches ? "answer.chart.hint" : "answer.chart.tap") : formatReadout(chart, at)}</p>
    ${width > 0 && html`<${Drawing} chart=${chart} width=${width} at=${at} onAt=${setAt} />`}
  </div>`;
}

function Drawing({ chart, width, at, onAt }) {
  const ticks = selectTicks(...selectRange(chart.series));
  const [least, most] = [ticks[0], ticks.at(-1)];
  const tickTexts = formatColumn(ticks, chart.unit);
  const count = chart.labels.length;
  const right = width - RIGHT;
  const columns = chart.type === "bars";
  const step = (right - LEFT) / (columns ? count : Math.max(1, count - 1));
  const x = (index) => LEFT + step * (columns ? index + 0.5 : index);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - least) / (most - least || 1));
  const point = (event) => {
    const offset = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    const index = Math.round(offset / step - (columns ? 0.5 : 0));
    onAt(Math.min(count - 1, Math.max(0, index)));
  };
  const scale = { x, y, step, base: y(0) };
  return html`<svg width=${width} height=${HEIGHT} onPointerMove=${point} onPointerDown=${point} onPointerLeave=${() => onAt(null)}>
    ${ticks.map((tick, place) => html`<g key=${tick}>
      <line x1=${LEFT} x2=${right} y1=${y(tick)} y2=${y(tick)} class=${tick === 0 ? "an-axis" : "an-grid"} />
      <text x=${LEFT - 8} y=${y(tick) + 4} text-anchor="end">${tickTexts[place]}</text>
    </g>`)}
    <${AxisLabels} labels=${chart.labels} x=${x} width=${right - LEFT} />
    ${at !== null && html`<line x1=${x(at)} x2=${x(at)} y1=${TOP} y2=${HEIGHT - BOTTOM} class="an-cursor" />`}
    ${chart.series.map((one, place) => html`<g key=${one.name} class=${`an-series-${place}`}>
      ${columns ? html`<${Columns} values=${one.values} scale=${scale} place=${place} of=${chart.series.length} />` : html`<${Line} values=${one.values} scale=${scale} />`}
    </g>`)}
  </svg>`;
}

function Columns({ values, scale: { x, y, step, base }, place, of }) {
  const room = Math.min(step * 0.8, 40);
  const each = room / of;
  return values.map((value, index) => value !== null && html`<rect key=${index} class="an-bar"
    x=${x(index) - room / 2 + place * each} width=${Math.max(1, each)} y=${Math.min(y(value), base)} height=${Math.abs(y(value) - base)} />`);
}

/** A line breaks where a value is unknown. */
function Line({ values, scale: { x, y } }) {
  const path = values.map((value, index) => (value === null ? "" : `${values[index - 1] == null ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`)).join("");
  const marks = values.length <= MOST_MARKS;
  return html`<path d=${path} class="an-line" />
    ${values.map((value, index) => value !== null && (marks || (values[index - 1] == null && values[index + 1] == null)) && html`<circle key=${index} cx=${x(index)} cy=${y(value)} r="2.5" class="an-mark" />`)}`;
}

/** As many labels as fit, the first and the last within the drawing. */
function AxisLabels({ labels, x, width }) {
  const every = Math.ceil(labels.length / Math.max(1, Math.floor(width / LABEL_WIDTH)));
  return labels.map((label, index) => {
    if (index % every !== 0) return null;
    const anchor = x(index) + LABEL_WIDTH / 2 > LEFT + width + RIGHT ? "end" : "middle";
    return html`<text key=${index} x=${x(index)} y=${HEIGHT - 8} text-anchor=${anchor}>${label ?? t("answer.none")}</text>`;
  });
}

function formatReadout(chart, at) {
  const values = chart.series.map((one) => (chart.series.length > 1 ? `${one.name} ${one.texts[at] ?? t("answer.unknown")}` : (one.texts[at] ?? t("answer.unknown"))));
  return `${chart.labels[at] ?? t("answer.none")}: ${values.join(", ")}`;
}

function useWidth(place) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    sizes.observe(place.current);
    return () => sizes.disconnect();
  }, []);
  return width;
}
