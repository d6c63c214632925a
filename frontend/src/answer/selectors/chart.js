/** What an answer's chart draws. */
import { formatColumn, isTimeline, toNumber } from "./values.js";

const MOST_BARS = 10;
const MOST_POINTS = 400;
const MOST_SERIES = 4;

/**
 * {type, title, unit, labels[], timeline, more, series[{name, values[], texts[]}]}; null without a chart or anything to compare.
 * `more`: rows that only the table has. Series have the unit of the first.
 */
export function selectChart(answer) {
  const { chart, tables } = answer;
  const table = chart ? tables[chart.table] : undefined;
  if (!table || table.rows.length < 2) return null;
  const find = (name) => table.columns.findIndex((column) => column.name === name);
  const x = find(chart.x);
  const ys = chart.y.map(find).filter((place) => place >= 0);
  if (x < 0 || ys.length === 0) return null;
  const { unit } = table.columns[ys[0]];
  const timeline = isTimeline(table.rows.map((row) => row[x]));
  const ordered = timeline ? [...table.rows].sort((one, other) => compareTexts(one[x], other[x])) : table.rows;
  const rows = ordered.slice(0, timeline || chart.type === "lines" ? MOST_POINTS : MOST_BARS);
  const series = ys.filter((place) => table.columns[place].unit === unit).slice(0, MOST_SERIES).map((place) => selectSeries(table, rows, place));
  if (series.every((one) => one.values.every((value) => value === null))) return null;
  const labels = formatColumn(rows.map((row) => row[x]), table.columns[x].unit);
  return { type: chart.type, title: table.title, unit, labels, timeline, more: table.rows.length - rows.length, series };
}

/** Dates and times are ISO 8601, so their order as texts is that in time. */
const compareTexts = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

function selectSeries(table, rows, place) {
  const { name, unit } = table.columns[place];
  const cells = rows.map((row) => row[place]);
  return { name, values: cells.map(toNumber), texts: formatColumn(cells, unit) };
}

/** Whether the table says more than its chart. */
export function hasMoreThan(table, chart) {
  return chart.more > 0 || table.columns.length > chart.series.length + 1;
}

/** The shares of a whole, of positive values; null if there is no whole. */
export function selectShares(values, unit) {
  if (unit === "share") return values;
  const total = values.reduce((sum, value) => sum + (value ?? 0), 0);
  return total > 0 && values.every((value) => (value ?? 0) >= 0) ? values.map((value) => (value ?? 0) / total) : null;
}

/** From where to where an axis goes: always over 0. */
export function selectRange(series) {
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  return [Math.min(0, ...values), Math.max(0, ...values)];
}

/** About `count` round numbers from `least` to `most`. */
export function selectTicks(least, most, count = 4) {
  if (!(most > least)) return [least];
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough);
  const first = Math.floor(least / step);
  const last = Math.ceil(most / step);
  return Array.from({ length: last - first + 1 }, (_, place) => (first + place) * step);
}
