/** Spend over time, as columns for a chart. */
import { isPriced } from "./headline.js";

const STEPS = { minute: 60, hour: 3600, day: 86_400 };

/** Seconds since 1970; times without a zone are UTC. */
function parseSeconds(start) {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(start) ? start : `${start}Z`) / 1000;
}

/**
 * {period, relative, priced, at[], cost[], requests[]}; a period without requests has 0. null if the log has no times.
 */
export function selectSeries(report) {
  const found = report.spend;
  if (!found?.period || !found.over_time.length) return null;
  const rows = fillGaps(found.over_time.map((one) => ({ ...one, at: parseSeconds(one.start) })), found.period);
  return {
    period: found.period,
    relative: report.relative_clock,
    priced: isPriced(report),
    partly: found.unpriced_requests !== 0,
    at: rows.map((one) => one.at),
    cost: rows.map((one) => one.cost),
    requests: rows.map((one) => one.requests),
  };
}

function fillGaps(rows, period) {
  const known = new Map(rows.map((one) => [one.at, one]));
  const all = [];
  for (let at = rows[0].at; at <= rows[rows.length - 1].at; at = getNextStart(at, period)) {
    all.push(known.get(at) ?? { at, cost: 0, requests: 0 });
  }
  return all;
}

function getNextStart(at, period) {
  if (STEPS[period]) return at + STEPS[period];
  const date = new Date(at * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / 1000;
}
