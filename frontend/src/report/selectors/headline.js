/** The report's headline from its JSON: spend, savings, effort, target and latency; levels of effort and risk; next questions. */

export const LEVELS = ["low", "medium", "high"];

/** Parses "medium - a short reason". `name` is one of LEVELS or null; `rank` starts at 0 and is the highest if unknown. */
export function parseLevel(text) {
  const [first, ...rest] = text.split(" - ");
  const rank = LEVELS.indexOf(first.trim());
  if (rank < 0) return { name: null, rank: LEVELS.length - 1, reason: text };
  return { name: LEVELS[rank], rank, reason: rest.join(" - ") };
}

/** The highest level of several steps; null without steps. */
export function findHighestLevel(texts) {
  const found = texts.map(parseLevel).sort((a, b) => b.rank - a.rank);
  return found[0] ?? null;
}

/** Whether anything in the log has a price, or a cost that the log states. Otherwise every sum is 0 and means nothing. */
export const isPriced = (report) => Boolean(report.spend && (report.spend.priced_requests !== 0 || isStated(report)));

/** Whether the log's own cost is part of the spend: of an unknown number of requests (null), or some. Earlier reports lack it. */
export const isStated = (report) => Boolean(report.spend) && report.spend.stated_requests !== undefined && report.spend.stated_requests !== 0;

/** How many requests the log has; null if rows sum up an unknown number. Earlier reports only have the number of rows. */
export const countRequests = (report) => (report.requests === undefined ? report.rows : report.requests);

/** null if unknown. */
export function selectSpend(report) {
  if (!isPriced(report)) return null;
  const { total, priced_requests: priced, unpriced_requests: unpriced, stated } = report.spend;
  if (!isStated(report)) return { usd: total, priced, unpriced, stated: null };
  const byLog = report.spend.stated_requests;
  return { usd: total, priced: priced === null || byLog === null ? null : priced + byLog, unpriced, stated: { usd: stated, requests: byLog } };
}

/**
 * `low` is the waterfall's total; `best` the largest unconfirmed saving, apart from it, because a range would mix what is
 * modelled with what needs confirming. null if unknown.
 */
export function selectSavings(report) {
  const found = report.combination;
  if (!found || !isPriced(report)) return null;
  const possible = listCandidates(report).filter((one) => !isUpperBound(one));
  const best = possible[0] ?? null;
  const promised = report.waterfall;
  const bounds = promised.map((drop) => findLever(report, drop.lever).bound);
  return {
    low: found.total,
    lowShare: found.share,
    atLeast: bounds.length > 0 && bounds.every((bound) => bound === "lower bound"),
    bases: sumByBasis(report, promised),
    best,
    overlap: possible.length > 1,
    hasCandidates: listCandidates(report).length > 0,
  };
}

/** The waterfall's savings in USD, by basis. */
function sumByBasis(report, promised) {
  const sums = new Map();
  for (const drop of promised) {
    const { basis } = findLever(report, drop.lever);
    sums.set(basis, (sums.get(basis) ?? 0) + drop.saving);
  }
  return [...sums].map(([basis, usd]) => ({ basis, usd }));
}

/** Whether the log shows only how much it is at most. That is no promise. */
export const isUpperBound = (candidate) => candidate.bound === "upper bound";

/** The unconfirmed savings, largest first. */
export function listCandidates(report) {
  const found = report.combination?.candidates ?? [];
  return found.filter((one) => one.adds > 0).sort((a, b) => b.adds - a.adds);
}

/** The number of steps, and the range of their effort and risk. null without a plan. */
export function selectEffort(report) {
  if (!report.plan.length) return null;
  const sure = report.plan.filter((item) => item.promised);
  const counted = sure.length ? sure : report.plan;
  return {
    steps: counted.length,
    unsure: report.plan.length - sure.length,
    promised: sure.length > 0,
    effort: getRange(counted.map((item) => parseLevel(item.effort).rank)),
    risk: getRange(counted.map((item) => parseLevel(item.risk).rank)),
  };
}

const getRange = (ranks) => [Math.min(...ranks), Math.max(...ranks)];

/**
 * null without a goal. `state`: "met", "short" or "unknown". `closing`: unconfirmed savings of which each would close the
 * gap; `bounded`: those that only would if all of an upper bound were saved.
 */
export function selectGoal(report) {
  const found = report.combination;
  if (!found || (found.goal_percent === null && (found.goal_usd ?? null) === null)) return null;
  const enough = listCandidates({ combination: found }).filter((one) => one.closes);
  const closing = enough.filter((one) => !isUpperBound(one)).map((one) => one.title);
  const bounded = enough.filter(isUpperBound).map((one) => one.title);
  const state = found.goal_met === null ? "unknown" : found.goal_met ? "met" : "short";
  return { percent: found.goal_percent, usd: found.goal_usd ?? null, state, gap: found.gap, closing, bounded };
}

/** The latency guard; null if the user set none. */
export const selectGuard = (report) => report.combination?.guard ?? null;

/** The lever with that name. If the report lacks it, its basis is unknown. */
export function findLever(report, name) {
  return report.levers.find((one) => one.name === name) ?? { title: name, basis: "unknown", bound: "estimate" };
}

export function selectNextQuestions(report) {
  if (!isPriced(report)) return [];
  const found = selectSavings(report);
  const aim = found ? Math.floor(found.low > 0 ? found.lowShare * 100 : 0) : 0;
  const asked = selectGoal(report);
  return [
    ...(aim >= 1 && asked?.percent !== aim ? [{ key: "next.goal", percent: aim }] : []),
    ...(report.error_rate ? [{ key: "next.errors" }] : []),
    ...(asked ? [{ key: "next.spend" }] : []),
  ];
}
