/** The spend in parts, as rows of bars. */
import { isPriced } from "./headline.js";

const MOST = 8;
const OTHERS = "(all others)";
const BUCKETS = ["fresh_input", "cache_read", "cache_write", "output"];

/** Rows {name, kind, cost, tokens, requests, share}; cost null where it is not known, shares are of tokens then. */
export function byModel(report) {
  return partRows(report, report.spend_by_model ?? []);
}

export function byFeature(report) {
  return partRows(report, report.spend?.by_feature ?? []);
}

/** By kind of token; empty where nothing has a price. */
export function byBucket(report) {
  if (!isPriced(report) || !report.spend.total) return [];
  const { buckets, total } = report.spend;
  return BUCKETS.filter((name) => report.tokens[name] > 0 || buckets[name] > 0).map((name) => ({
    name, kind: "bucket", cost: buckets[name], tokens: report.tokens[name], requests: null, share: buckets[name] / total,
  }));
}

function partRows(report, parts) {
  const priced = isPriced(report) && report.spend.total > 0;
  const tokens = parts.reduce((sum, one) => sum + one.tokens, 0);
  const rows = parts.map((one) => {
    const cost = priced && !lacksPrice(report, one) ? one.cost : null;
    const share = priced ? cost === null ? null : one.cost / report.spend.total : tokens ? one.tokens / tokens : null;
    return { name: one.name, kind: kindOf(one.name), cost, tokens: one.tokens, requests: one.requests, share };
  });
  return cut(rows);
}

// A part that costs nothing although it has tokens, in a log that is not priced throughout, has no price.
const lacksPrice = (report, one) => one.cost === 0 && one.tokens > 0 && report.spend.unpriced_requests > 0;

const kindOf = (name) => (name === null ? "nameless" : name === OTHERS ? "others" : "name");

function cut(rows) {
  if (rows.length <= MOST + 1) return rows;
  return [...rows.slice(0, MOST), together(rows.slice(MOST))];
}

function together(rows) {
  const sum = (key) => (rows.every((one) => one[key] === null) ? null : rows.reduce((all, one) => all + (one[key] ?? 0), 0));
  return {
    name: null, kind: "rest", many: rows.length,
    cost: sum("cost"), tokens: sum("tokens"), requests: sum("requests"), share: sum("share"),
  };
}
