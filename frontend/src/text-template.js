/** Fills in the fields of a text. Pure. */

/**
 * `text` is a string, or its plural forms by category ("one", "other"): `values.n` chooses by the rules of the language that the text is
 * in. Numbers are written by `numbers`, in the reader's way.
 */
export function fillTemplate(text, values, plurals, numbers) {
  return chooseForm(text, values, plurals).replaceAll(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : String(value ?? "");
  });
}

// A language may have forms for numbers that its texts were never asked for, as Spanish has for millions.
function chooseForm(text, values, plurals) {
  if (typeof text === "string") return text;
  return text[plurals.select(values.n)] ?? text.other ?? Object.values(text).at(-1);
}
