/** The report's answer in figures: what was spent, what can be saved, what that takes, and the two verdicts. */
import { level } from "./level.js";

/** Whether anything in the log has a price; without one every sum is 0 and means nothing. */
export const isPriced = (report) => Boolean(report.spend && report.spend.priced_requests > 0);

/** null where it is unknown. */
export function spent(report) {
  if (!isPriced(report)) return null;
  return { usd: report.spend.total, priced: report.spend.priced_requests, unpriced: report.spend.unpriced_requests };
}

/**
 * `low` is what the waterfall promises, `high` that and the largest of what needs confirming (they overlap, so they
 * are never added up). null where it is unknown.
 */
export function saved(report) {
  const found = report.combination;
  if (!found || !isPriced(report)) return null;
  const best = candidates(report)[0] ?? null;
  const promised = report.waterfall;
  const bounds = promised.map((drop) => leverOf(report, drop.lever).bound);
  return {
    low: found.total,
    high: found.total + (best?.adds ?? 0),
    lowShare: found.share,
    highShare: found.spend ? (found.total + (best?.adds ?? 0)) / found.spend : 0,
    atLeast: bounds.length > 0 && bounds.every((bound) => bound === "lower bound"),
    bases: parts(report, promised),
    best,
    overlap: candidates(report).length > 1,
  };
}

/** What is promised, by basis: the basis and the USD that stand on it. */
function parts(report, promised) {
  const sums = new Map();
  for (const drop of promised) {
    const { basis } = leverOf(report, drop.lever);
    sums.set(basis, (sums.get(basis) ?? 0) + drop.saving);
  }
  return [...sums].map(([basis, usd]) => ({ basis, usd }));
}

/** What needs confirming, the largest first. */
export function candidates(report) {
  const found = report.combination?.candidates ?? [];
  return found.filter((one) => one.adds > 0).sort((a, b) => b.adds - a.adds);
}

/** How many steps, and between which levels their effort and risk lie. null without a plan. */
export function takes(report) {
  if (!report.plan.length) return null;
  const sure = report.plan.filter((item) => item.promised);
  const counted = sure.length ? sure : report.plan;
  return {
    steps: counted.length,
    unsure: report.plan.length - sure.length,
    promised: sure.length > 0,
    effort: between(counted.map((item) => level(item.effort).rank)),
    risk: between(counted.map((item) => level(item.risk).rank)),
  };
}

const between = (ranks) => [Math.min(...ranks), Math.max(...ranks)];

/** null without a goal. `state`: "met", "short" or "unknown". */
export function goal(report) {
  const found = report.combination;
  if (!found || found.goal_percent === null) return null;
  const closing = candidates(report).filter((one) => one.closes).map((one) => one.title);
  const state = found.goal_met === null ? "unknown" : found.goal_met ? "met" : "short";
  return { percent: found.goal_percent, state, gap: found.gap, closing };
}

/** null where nothing was guarded. */
export const guard = (report) => report.combination?.guard ?? null;

/** The lever of that name; a report that lacks it knows nothing of its basis. */
export function leverOf(report, name) {
  return report.levers.find((one) => one.name === name) ?? { title: name, basis: "unknown", bound: "estimate" };
}
