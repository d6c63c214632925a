/** The waterfall as rows of bars on one scale from 0 to today's spend. */
import { isPriced, isUpperBound, listCandidates, selectGoal } from "./headline.js";

const WIDEST = 100;
const NARROWEST = 0.6;

/**
 * Rows {kind, title, change, left, from, to}: "start", "drop" (certain), "end", "candidate" (unconfirmed,
 * each alone, after the drops; `most`: an upper bound) and "goal"; from and to are between 0 and 100. Empty if there is nothing to draw.
 */
export function selectWaterfallRows(report) {
  const found = report.combination;
  if (!found || !isPriced(report) || !found.spend) return [];
  const scale = WIDEST / found.spend;
  const end = found.spend - found.total;
  return [
    makeRow({ kind: "start", left: found.spend, low: 0, high: found.spend }, scale),
    ...report.waterfall.map((drop) => makeDropRow("drop", drop.title, drop.before, drop.saving, scale)),
    ...(report.waterfall.length ? [makeRow({ kind: "end", left: end, low: 0, high: end }, scale)] : []),
    ...listCandidates(report).map((one) => ({ ...makeDropRow("candidate", one.finding ?? one.title, end, one.adds, scale), most: isUpperBound(one) })),
    ...makeGoalRow(found, scale),
  ];
}

function makeGoalRow(found, scale) {
  const goal = selectGoal({ combination: found });
  if (goal === null) return [];
  const left = Math.max(0, goal.usd === null ? found.spend * (1 - goal.percent / 100) : found.spend - goal.usd);
  return [{ ...makeRow({ kind: "goal", left, low: 0, high: left }, scale), percent: goal.percent, usd: goal.usd }];
}

function makeDropRow(kind, title, before, saving, scale) {
  return makeRow({ kind, title, change: -saving, left: before - saving, low: before - saving, high: before }, scale);
}

function makeRow({ kind, title = null, change = null, left, low, high }, scale) {
  const from = Math.max(0, low * scale);
  const to = Math.max(high * scale, from);
  // A saving of a thousandth of the spend is still visible.
  return { kind, title, change, left, from: Math.max(0, Math.min(from, to - NARROWEST)), to };
}

/** The goal's position on the scale; null without a goal. */
export function findGoalPlace(rows) {
  return rows.find((one) => one.kind === "goal")?.to ?? null;
}
