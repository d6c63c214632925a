// How the page fills in its texts, without a browser. Run by test_page.py.
import assert from "node:assert/strict";
import { test } from "node:test";

const { fillTemplate } = await import(new URL("../../frontend/src/text-template.js", import.meta.url));
const numbers = new Intl.NumberFormat("de");
const said = (text, values, language = "en") => fillTemplate(text, values, new Intl.PluralRules(language), numbers);

test("numbers are the reader's, the rest is as given", () => {
  assert.equal(said("{n} of {name}, {n}", { n: 1234, name: "a {n}" }), "1.234 of a {n}, 1.234");
  assert.equal(said("{missing}{none}.", { none: null }), ".");
});

test("the forms are those of the language that the text is in", () => {
  const rows = { one: "{n} wiersz", few: "{n} wiersze", many: "{n} wierszy" };
  assert.deepEqual([1, 2, 5, 22].map((n) => said(rows, { n }, "pl")), ["1 wiersz", "2 wiersze", "5 wierszy", "22 wiersze"]);
});

test("a number for which a language has a form that the text lacks gets another", () => {
  assert.equal(said({ one: "{n} fila", other: "{n} filas" }, { n: 1_000_000 }, "es"), "1.000.000 filas");
  assert.equal(said({ one: "a", few: "b" }, { n: 5 }, "pl"), "b");
});
