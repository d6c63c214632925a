// The answer's selectors, on small answers. Run by test_answer_selectors.py.
import assert from "node:assert/strict";
import { test } from "node:test";

// Numbers as in the United States, wherever the test runs; older versions of node have no navigator.
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
const selector = (name) => import(new URL(`../../frontend/src/answer/selectors/${name}.js`, import.meta.url));
const { formatColumn, formatFigure, isTimeline, isWhole, toNumber } = await selector("values");
const { hasMoreThan, selectChart, selectRange, selectShares, selectTicks } = await selector("chart");
const { nameFile, toCsv } = await selector("csv");
const { closeOpenMarks, isHeadline } = await selector("text");

const table = (columns, rows) => ({ title: "Spend by team", columns: columns.map(([name, unit]) => ({ name, unit })), rows });
const answer = (type, found, y = ["Spend"], x = "Team") => ({ chart: { type, table: 0, x, y }, tables: [found] });
const TEAMS = table([["Team", ""], ["Spend", "usd"], ["Requests", "requests"]], [["a", "2.50", 3], [null, "0.001", 1], ["b", null, 0]]);

test("a single figure has its unit, and an unknown one is no figure", () => {
  assert.equal(formatFigure("78.71802476", "usd"), "$78.72");
  assert.equal(formatFigure("0.013", "usd_per_request"), "$0.0130");
  assert.equal(formatFigure("0.3138", "share"), "31.4%");
  assert.equal(formatFigure(6026, "requests"), "6,026");
  assert.equal(formatFigure(0, "usd"), "$0.00");
  assert.equal(formatFigure(null, "usd"), null);
  assert.equal(toNumber(""), null);
});

test("a column of money lines up, and a small amount is never shown as nothing", () => {
  assert.deepEqual(formatColumn(["2.5", "0.001", null], "usd"), ["$2.50", "$0.001", null]);
  assert.deepEqual(formatColumn(["0.25", "0.0125"], "usd"), ["$0.2500", "$0.0125"]);
  assert.deepEqual(formatColumn(["-1234.5"], "usd"), ["-$1,234.50"]);
});

test("dates are written in the reader's way, months without a day", () => {
  assert.deepEqual(formatColumn(["2026-10-01", "2026-11-01"], ""), ["October 2026", "November 2026"]);
  assert.deepEqual(formatColumn(["2026-10-01", "2026-10-02", null, "2026-13"], ""), ["Oct 1, 2026", "Oct 2, 2026", null, "2026-13"]);
  assert.equal(isTimeline(["2026-10-01", "2026-10-02T05:00:00"]), true);
  assert.equal(isTimeline(["2026-10-01", "team"]), false);
});

test("a chart has the columns that it names, with the unit of the first", () => {
  const chart = selectChart(answer("bars", TEAMS, ["Spend", "Requests"]));
  assert.deepEqual([chart.labels, chart.series.length, chart.more], [["a", null, "b"], 1, 0]);
  assert.deepEqual(chart.series[0].values, [2.5, 0.001, null]);
  assert.equal(hasMoreThan(TEAMS, chart), true);
  assert.equal(hasMoreThan(table([["Team", ""], ["Spend", "usd"]], []), chart), false);
});

test("a chart over time is in the order of time, whatever the table ranks", () => {
  const days = table([["Day", ""], ["Spend", "usd"]], [["2026-06-22", "9"], ["2026-06-15", "8"], ["2026-06-01", "7"]]);
  const chart = selectChart(answer("bars", days, ["Spend"], "Day"));
  assert.deepEqual(chart.series[0].values, [7, 8, 9]);
  assert.equal(days.rows[0][0], "2026-06-22");
});

test("durations of a column have one unit", () => {
  assert.deepEqual(formatColumn([12_340, 6_482, null, 80, 3], "ms"), ["12.34s", "6.48s", null, "0.08s", "0.003s"]);
  assert.deepEqual(formatColumn([1_853, 80], "ms"), ["1.85s", "0.08s"]);
  assert.deepEqual(formatColumn([999, 80], "ms"), ["999 ms", "80 ms"]);
});

test("a single duration is written as in the text of the answer", () => {
  const shown = [15_004.6, 8_224.6, 1_853.5, 580, 0].map((ms) => formatFigure(ms, "ms"));
  assert.deepEqual(shown, ["15.0s", "8.22s", "1.85s", "580 ms", "0 ms"]);
});

test("a request's ID stays on one line of a wide table", () => {
  const uuid = "6d9ff8f0-2f6b-4b7e-9a52-1f0f6c7f0a11";
  assert.deepEqual([isWhole(uuid, uuid, 10), isWhole(uuid, uuid, 3)], [true, false]);
});

test("there is no chart of one row, of unknown figures, or of columns that are missing", () => {
  assert.equal(selectChart(answer("bars", table([["Team", ""], ["Spend", "usd"]], [["a", "1"]]))), null);
  assert.equal(selectChart(answer("bars", table([["Team", ""], ["Spend", "usd"]], [["a", null], ["b", null]]))), null);
  assert.equal(selectChart(answer("bars", TEAMS, ["Tokens"])), null);
  assert.equal(selectChart({ chart: null, tables: [TEAMS] }), null);
  assert.equal(selectChart({ chart: { type: "bars", table: 3, x: "Team", y: ["Spend"] }, tables: [TEAMS] }), null);
});

test("many names are not all drawn, and the rest is counted", () => {
  const many = table([["Team", ""], ["Spend", "usd"]], Array.from({ length: 40 }, (_, place) => [`t${place}`, "1"]));
  const chart = selectChart(answer("bars", many));
  assert.deepEqual([chart.labels.length, chart.more, hasMoreThan(many, chart)], [10, 30, true]);
});

test("shares are those of the table, of the whole and not of the rows that are drawn", () => {
  const columns = [["Team", ""], ["Spend", "usd"], ["Share of Spend", "share"]];
  const drawShares = (rows, heads = columns) => selectShares(selectChart(answer("shares", table(heads, rows))));
  const many = Array.from({ length: 40 }, (_, place) => [`t${place}`, "1", 0.025]);
  assert.deepEqual(drawShares(many), Array(10).fill(0.025));
  assert.deepEqual(drawShares([["a", "2", 0.2], ["b", "1", 0.1], ["(all others)", "7", null]]), [0.2, 0.1, 0.7]);
  assert.equal(drawShares([["a", "1", 0.5], ["b", "-1", null]]), null);
  assert.equal(drawShares([["a", "0", null], ["b", "0", null]]), null);
  // What has no share, such as a cost per request, has none in the chart.
  assert.equal(drawShares([["a", "0.2"], ["b", "0.1"]], [["Team", ""], ["Spend", "usd_per_request"]]), null);
  const perRequest = [["Team", ""], ["Spend", "usd_per_request"], ["Requests", "requests"], ["Share of Requests", "share"]];
  assert.equal(drawShares([["a", "0.2", 3, 0.75], ["b", "0.1", 1, 0.25]], perRequest), null);
  const failed = [["Team", ""], ["Spend", "usd"], ["Error rate", "share"], ["Share of Spend", "share"]];
  assert.deepEqual(drawShares([["a", "3", 0.5, 0.75], ["b", "1", 0.5, 0.25]], failed), [0.75, 0.25]);
  assert.deepEqual(selectShares({ unit: "share", shares: [], series: [{ values: [0.1, 0.2] }] }), [0.1, 0.2]);
});

test("an axis reaches over 0 in round steps", () => {
  assert.deepEqual(selectRange([{ values: [3, null, 7] }]), [0, 7]);
  assert.deepEqual(selectRange([{ values: [-3, 2] }]), [-3, 2]);
  assert.deepEqual(selectTicks(0, 7), [0, 2, 4, 6, 8]);
  assert.deepEqual(selectTicks(-3, 2), [-4, -2, 0, 2]);
  assert.deepEqual(selectTicks(0, 0), [0]);
});

test("a table as CSV has exact figures, and no cell is a formula", () => {
  const found = table([["Team", ""], ["Spend", "usd"]], [["=cmd()", "0.0000001"], ['a "b", c', "-5"], [null, null], ["@x", 2]]);
  assert.equal(toCsv(found), 'Team,Spend (usd)\r\n\'=cmd(),0.0000001\r\n"a ""b"", c",-5\r\n,\r\n\'@x,2\r\n');
  const inner = table([["Team", ""]], [["a;=1+1"], [" =2"], ["\uff1d3"], ["b\t@c; -d"]]);
  assert.equal(toCsv(inner), "Team\r\na;'=1+1\r\n' =2\r\n'\uff1d3\r\nb\t'@c;' -d\r\n");
  assert.equal(nameFile("Spend by “team”, 2026"), "spend-by-team-2026.csv");
  assert.equal(nameFile("//"), "table.csv");
});

test("signs of emphasis that a model has not closed yet are closed for it", () => {
  for (const [written, shown] of [
    ["**gpt-4o made", "**gpt-4o made**"],
    ["**gpt-4o** made 40 **", "**gpt-4o** made 40"],
    ["**gpt-4o*", "**gpt-4o**"],
    ["one\n\n- **two** and `three", "one\n\n- **two** and `three`"],
    ["**bold `code", "**bold `code`**"],
    ["`**` is bold", "`**` is bold"],
    ["plain 2 * 3", "plain 2 * 3"],
    ["**left open\n\nnext", "**left open\n\nnext"],
  ]) assert.equal(closeOpenMarks(written), shown);
});

test("a long first line is no headline", () => {
  assert.equal(isHeadline("Short.\n" + "long ".repeat(100)), true);
  assert.equal(isHeadline("long ".repeat(100)), false);
});
