// The report's selectors, on small reports. Run by test_report_selectors.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const selector = (name) => import(new URL(`../../frontend/src/report/selectors/${name}.js`, import.meta.url));
const { countRequests, selectGoal, isPriced, parseLevel, selectSavings, selectEffort } = await selector("headline");
const { selectLeverRows } = await selector("levers");
const { renderLink, showHiddenCharacters } = await selector("escaping");
const { selectByFeature, selectByModel } = await selector("spend-breakdown");
const { chooseDimension, listDimensions, selectParts } = await selector("allocation");
const { selectSeries } = await selector("spend-over-time");
const { selectMissingData } = await selector("missing-data");
const { fillReply, listQuantities, listQuestions } = await selector("questions");
const { findGoalPlace, selectWaterfallRows } = await selector("savings-waterfall");

const lever = (name, saving, bound = "estimate", basis = "modelled") => ({
  name, title: name, saving, bound, basis, headline: bound !== "upper bound", unknowns: [], steps: [],
});

const report = (changes = {}) => ({
  relative_clock: false,
  tokens: { fresh_input: 10, cache_read: 0, cache_write: 0, output: 5 },
  spend: { total: 100, priced_requests: 9, unpriced_requests: 0, by_feature: [], period: null, over_time: [] },
  spend_by_model: [],
  levers: [lever("cache", 20), lever("smaller", 30, "upper bound", "needs evaluation"), lever("batch", 10, "upper bound")],
  waterfall: [{ lever: "cache", title: "cache", before: 100, saving: 20, after: 80 }],
  combination: {
    spend: 100, total: 20, share: 0.2, goal_percent: 40, goal_met: false, gap: 20, guard: null,
    candidates: [
      { lever: "batch", title: "batch", adds: 10, basis: "modelled", bound: "upper bound", closes: false },
      { lever: "smaller", title: "smaller", adds: 25, basis: "needs evaluation", bound: "upper bound", closes: true },
    ],
  },
  plan: [], unknowns: [], missing: [],
  ...changes,
});

test("rows that sum up requests are not counted as requests", () => {
  assert.equal(countRequests(report({ rows: 36, requests: 5382 })), 5382);
  assert.equal(countRequests(report({ rows: 36, requests: null })), null);
  assert.equal(countRequests(report({ rows: 36 })), 36);
});

const unpriced = (changes = {}) =>
  report({ spend: { ...report().spend, total: 0, priced_requests: 0, unpriced_requests: 9 }, ...changes });

test("what needs confirming stands apart from the savings, and an upper bound is not in the headline", () => {
  const bounded = report();
  assert.deepEqual([selectSavings(bounded).low, selectSavings(bounded).best], [20, null]);
  for (const one of bounded.combination.candidates) one.bound = "estimate";
  const found = selectSavings(bounded);
  assert.deepEqual([found.low, found.best.lever, found.overlap], [20, "smaller", true]);
});

test("open questions come first, those that save most before others", () => {
  const ask = (scope, saving, answer) => ({ lever: "batch", scope, saving, answer });
  const asked = { ...lever("batch", 3), questions: [ask("said", 9, false), ask("small", 1, null), ask("large", 2, null)] };
  assert.deepEqual(listQuestions(report({ levers: [lever("cache", 20), asked] })).map((one) => one.scope), ["large", "small", "said"]);
});

test("a goal in money is drawn where it would leave the spend", () => {
  const aimed = report();
  Object.assign(aimed.combination, { goal_percent: null, goal_usd: 30 });
  assert.equal(selectWaterfallRows(aimed).at(-1).left, 70);
});

test("without a price nothing is 0, all is unknown", () => {
  assert.equal(isPriced(unpriced()), false);
  assert.equal(selectSavings(unpriced()), null);
  assert.deepEqual(selectWaterfallRows(unpriced()), []);
  assert.equal(selectLeverRows(unpriced({ levers: [lever("cache", 0)] }))[0].says, "unpriced");
  const without = (column) => ({ ...lever("cache", null), unknowns: [{ what: "what it saves", column }] });
  assert.equal(selectLeverRows(unpriced({ levers: [without("model")] }))[0].says, "unpriced");
  assert.equal(selectLeverRows(unpriced({ levers: [without("blocks")] }))[0].says, "unknown");
});

test("a part that failed leaves unknowns", () => {
  const failed = report({ combination: null, levers: [], waterfall: [] });
  assert.deepEqual([selectSavings(failed), selectEffort(failed), selectGoal(failed)], [null, null, null]);
});

test("a goal is short by the gap, and names what alone would close it, upper limits apart", () => {
  const found = selectGoal(report());
  assert.deepEqual([found.state, found.gap, found.closing, found.bounded], ["short", 20, [], ["smaller"]]);
  const combination = { ...report().combination };
  combination.candidates = combination.candidates.map((one) => ({ ...one, bound: "estimate" }));
  assert.deepEqual(selectGoal(report({ combination })).closing, ["smaller"]);
});

test("the waterfall falls from today's spend, and each candidate from what is left", () => {
  const rows = selectWaterfallRows(report());
  assert.deepEqual(rows.map((row) => row.kind), ["start", "drop", "end", "candidate", "candidate", "goal"]);
  assert.deepEqual(rows.map((row) => [row.from, row.to]), [[0, 100], [80, 100], [0, 80], [55, 80], [70, 80], [0, 60]]);
  assert.equal(findGoalPlace(rows), 60);
});

test("a tiny saving is still to be seen", () => {
  const [, tiny] = selectWaterfallRows(report({ waterfall: [{ lever: "cache", title: "", before: 100, saving: 0.001, after: 99.999 }] }));
  assert.ok(tiny.to - tiny.from >= 0.5);
});

test("levers stand promised first, unknown last", () => {
  const levers = [lever("lost", null), lever("smaller", 30, "upper bound"), lever("cache", 20)];
  assert.deepEqual(selectLeverRows(report({ levers })).map((row) => row.name), ["cache", "smaller", "lost"]);
});

test("a model without a price has no cost, not none", () => {
  const part = (name, cost) => ({ name, requests: 1, tokens: 5, cost });
  const spend = { ...report().spend, unpriced_requests: 1 };
  const rows = selectByModel(report({ spend, spend_by_model: [part("a", 100), part("mine", 0)] }));
  assert.deepEqual(rows.map((row) => [row.cost, row.share]), [[100, 1], [null, null]]);
});

test("a long list ends in one row that keeps its sum", () => {
  const by_feature = Array.from({ length: 20 }, (_, n) => ({ name: `f${n}`, requests: 1, tokens: 1, cost: 5 }));
  const rows = selectByFeature(report({ spend: { ...report().spend, by_feature } }));
  assert.equal(rows.length, 9);
  assert.deepEqual([rows[8].kind, rows[8].many, rows[8].cost], ["rest", 12, 60]);
});

test("times are UTC, and a period without requests is there", () => {
  const over_time = [{ start: "2026-06-01T12:00:00", requests: 1, cost: 2 }, { start: "2026-06-01T12:02:00", requests: 3, cost: 4 }];
  const found = selectSeries(report({ spend: { ...report().spend, period: "minute", over_time } }));
  assert.equal(found.at[0], Date.UTC(2026, 5, 1, 12) / 1000);
  assert.deepEqual([found.cost, found.requests], [[2, 0, 4], [1, 0, 3]]);
});

test("months are filled by the calendar", () => {
  const over_time = [{ start: "2026-01-01T00:00:00", requests: 1, cost: 1 }, { start: "2026-04-01T00:00:00", requests: 1, cost: 1 }];
  const found = selectSeries(report({ spend: { ...report().spend, period: "month", over_time } }));
  assert.deepEqual(found.at.map((at) => new Date(at * 1000).getUTCMonth()), [0, 1, 2, 3]);
});

test("unknowns are told by the column that would tell", () => {
  const unknowns = [{ what: "a", column: "x" }, { what: "b", column: "" }, { what: "c", column: "x" }];
  assert.deepEqual(selectMissingData(report({ unknowns })), { columns: [{ column: "x", whats: ["a", "c"] }], beyond: ["b"] });
});

test("a level is read off its first word", () => {
  assert.deepEqual(parseLevel("medium - some work - more"), { name: "medium", rank: 1, reason: "some work - more" });
  assert.deepEqual(parseLevel("odd"), { name: null, rank: 2, reason: "odd" });
});

test("links go to the web or a mailbox and say where", () => {
  assert.match(renderLink("https://evil.example/x", "my bank"), /rel="noopener noreferrer nofollow">my bank<\/a> <small>\(evil\.example\)/);
  for (const href of ["javascript:alert(1)", "data:text/html,x", "/admin/", "#top", "//evil.example", "vbscript:x"]) {
    assert.equal(renderLink(href, "text"), "text");
  }
});

test("what turns text around is seen", () => {
  assert.equal(showHiddenCharacters("a\u202eb\u0000"), "a\\u202eb\\u0000");
  assert.equal(showHiddenCharacters("مرحبا"), "مرحبا");
});

test("a dimension has the table of its download, and the part without a value first", () => {
  const part = (name, cost, names = 1) => ({ name, requests: 1, tokens: 10, unpriced_tokens: cost === null ? 10 : 0, cost, share: cost === null ? null : cost / 100, names });
  const own = report({
    source: { kept: ["zone", "team"] },
    allocation: [
      { name: "environment", kept: false, values: 1, parts: [part("prod", 100)] },
      { name: "api_key", kept: false, values: 3, parts: [part(null, 60), part("k", null), part("(all others)", 40, 2)] },
      { name: "team", kept: true, values: 1, parts: [part("x", 100)] },
    ],
  });
  const dimensions = listDimensions(own);
  assert.deepEqual(dimensions.map((one) => one.table), ["spend-by-environment", "spend-by-api-key", "spend-by-column-2"]);
  assert.equal(chooseDimension(dimensions).name, "api_key");
  const rows = selectParts(own, dimensions[1]);
  assert.deepEqual(rows.map((row) => row.kind), ["nameless", "name", "others"]);
  assert.deepEqual(rows.map((row) => row.cost), [60, null, 40]);
  assert.deepEqual(listDimensions(report({ source: {} })), []);
});

test("a number makes the message that gives it; open ones are asked first", () => {
  const ask = (scope, answer) => ({ scope, answer, replies: { value: `answers of "${scope}" need {value} tokens` } });
  const report = { levers: [{ saving: 1, quantities: [ask("said", 5), ask("{value}", null)] }, { saving: null, quantities: [ask("unknown", null)] }, {}] };
  const [open, said] = listQuantities(report);
  assert.deepEqual([open.scope, said.scope], ["{value}", "said"]);
  assert.equal(fillReply(open, " 2,000 "), 'answers of "{value}" need 2000 tokens');
  assert.equal(fillReply(said, "$12.5"), 'answers of "said" need 12.5 tokens');
  for (const wrong of ["", "0", "-3", "1,5", "1e9", "many", "1.2.3"]) assert.equal(fillReply(said, wrong), null, wrong);
});
