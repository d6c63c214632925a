/** The waterfall as rows of bars on one scale from 0 to today's spend. */
import { candidates, isPriced } from "./headline.js";

const WIDEST = 100;
const NARROWEST = 0.6;

/**
 * Rows {kind, title, change, left, from, to}: "start", "drop" (promised), "end", "candidate" (alone, on what is
 * left) and "goal"; from and to are places between 0 and 100. Empty where there is nothing to draw.
 */
export function waterfallRows(report) {
  const found = report.combination;
  if (!found || !isPriced(report) || !found.spend) return [];
  const scale = WIDEST / found.spend;
  const end = found.spend - found.total;
  return [
    row({ kind: "start", left: found.spend, low: 0, high: found.spend }, scale),
    ...report.waterfall.map((drop) => fallen("drop", drop.title, drop.before, drop.saving, scale)),
    ...(report.waterfall.length ? [row({ kind: "end", left: end, low: 0, high: end }, scale)] : []),
    ...candidates(report).map((one) => fallen("candidate", one.title, end, one.adds, scale)),
    ...goalRow(found, scale),
  ];
}

function goalRow(found, scale) {
  if (found.goal_percent === null) return [];
  const left = found.spend * (1 - found.goal_percent / 100);
  return [{ ...row({ kind: "goal", left, low: 0, high: left }, scale), percent: found.goal_percent }];
}

function fallen(kind, title, before, saving, scale) {
  return row({ kind, title, change: -saving, left: before - saving, low: before - saving, high: before }, scale);
}

function row({ kind, title = null, change = null, left, low, high }, scale) {
  const from = Math.max(0, low * scale);
  const to = Math.max(high * scale, from);
  // A saving of a thousandth of the spend is still to be seen.
  return { kind, title, change, left, from: Math.max(0, Math.min(from, to - NARROWEST)), to };
}

/** Where the goal lies on the scale; null without one. */
export function goalPlace(rows) {
  return rows.find((one) => one.kind === "goal")?.to ?? null;
}
