/** The spend by model, feature and token type, as rows of bars. */
import { isPriced, isStated } from "./headline.js";

const MAX_ROWS = 8;
const OTHERS = "(all others)";
const BUCKETS = ["fresh_input", "cache_read", "cache_write", "output"];

/** Rows {name, kind, cost, tokens, requests, share}; cost is null if unknown; shares are then of tokens. */
export function selectByModel(report) {
  return makeRows(report, report.spend_by_model ?? []);
}

export function selectByFeature(report) {
  return makeRows(report, report.spend?.by_feature ?? []);
}

/** By token type; empty if nothing has a price. */
export function selectByBucket(report) {
  if (!isPriced(report) || !report.spend.total) return [];
  const { buckets, total, stated, stated_requests: requests } = report.spend;
  const rows = BUCKETS.filter((name) => report.tokens[name] > 0 || buckets[name] > 0).map((name) => ({
    name, kind: "bucket", cost: buckets[name], tokens: report.tokens[name], requests: null, share: buckets[name] / total,
  }));
  if (isStated(report)) rows.push({ name: "stated", kind: "bucket", cost: stated, tokens: null, requests, share: stated / total });
  return rows;
}

function makeRows(report, parts) {
  const priced = isPriced(report) && report.spend.total > 0;
  const tokens = parts.reduce((sum, one) => sum + one.tokens, 0);
  const rows = parts.map((one) => {
    const cost = priced && !lacksPrice(report, one) ? one.cost : null;
    const share = priced ? cost === null ? null : one.cost / report.spend.total : tokens ? one.tokens / tokens : null;
    return { name: one.name, kind: getKind(one.name), cost, tokens: one.tokens, requests: one.requests, share };
  });
  return cutRows(rows);
}

// In a partly priced log, a part with tokens but no cost has no price.
const lacksPrice = (report, one) => one.cost === 0 && one.tokens > 0 && report.spend.unpriced_requests !== 0;

const getKind = (name) => (name === null ? "nameless" : name === OTHERS ? "others" : "name");

function cutRows(rows) {
  if (rows.length <= MAX_ROWS + 1) return rows;
  return [...rows.slice(0, MAX_ROWS), sumRows(rows.slice(MAX_ROWS))];
}

function sumRows(rows) {
  const sum = (key) => (rows.every((one) => one[key] === null) ? null : rows.reduce((all, one) => all + (one[key] ?? 0), 0));
  return {
    name: null, kind: "rest", many: rows.length,
    cost: sum("cost"), tokens: sum("tokens"), requests: rows.some((one) => one.requests === null) ? null : sum("requests"), share: sum("share"),
  };
}
