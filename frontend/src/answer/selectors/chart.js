/** What an answer's chart draws. */
import { formatColumn, isTimeline, toNumber } from "./values.js";

const MOST_BARS = 10;
const MOST_POINTS = 400;
const MOST_SERIES = 4;
const SAME_SHARE = 0.001;
const SUMS = new Set(["usd", "requests", "tokens"]);

/**
 * {type, title, unit, labels[], timeline, more, shares[], series[{name, values[], texts[]}]}; null without a chart or anything
 * to compare. `more`: rows that only the table has. `shares`: of the whole, as the table says them. Series have the unit of the first.
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
  const shares = findShares(table, rows, series[0].values);
  return { type: chart.type, title: table.title, unit, labels, timeline, more: table.rows.length - rows.length, shares, series };
}

/** The column with the shares of those values, if there is one: they are in proportion to it. Rates may have others beside them. */
function findShares(table, rows, values) {
  const columns = table.columns.flatMap(({ unit }, place) => (unit === "share" ? [rows.map((row) => toNumber(row[place]))] : []));
  return columns.find((shares) => {
    const whole = findWhole(values, shares);
    return whole !== null && shares.every((share, row) => share === null || Math.abs(share - (values[row] ?? 0) / whole) < SAME_SHARE);
  }) ?? [];
}

/** What the values are parts of, by the largest whose share is known. */
function findWhole(values, shares) {
  const known = shares.flatMap((share, row) => (share > 0 && values[row] > 0 ? [row] : [])).sort((one, other) => values[other] - values[one]);
  return known.length === 0 ? null : values[known[0]] / shares[known[0]];
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

/**
 * The shares that are drawn; null if the table has none. They are never computed from the rows that are drawn: those may be a
 * part of the whole, and rates have no sum. A row whose share is not told, such as that of all others, has it from the largest that is.
 */
export function selectShares({ unit, shares, series: [{ values }] }) {
  if (unit === "share") return values;
  const whole = SUMS.has(unit) ? findWhole(values, shares) : null;
  if (whole === null || values.some((value) => value < 0)) return null;
  return values.map((value, row) => shares[row] ?? (value ?? 0) / whole);
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
