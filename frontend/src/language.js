/** The language that the page's texts are in: the reader's, where the server speaks it, and English for whatever it lacks. */
import { signal } from "@preact/signals";
import { filled } from "./filled.js";

const ENGLISH = { texts: {}, plurals: new Intl.PluralRules("en") };
const numbers = new Intl.NumberFormat(globalThis.navigator?.languages);
const spoken = signal(ENGLISH);

/** `texts`: by their names those that the language has. */
export function speak({ tag, direction }, texts) {
  spoken.value = { texts, plurals: new Intl.PluralRules(tag) };
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

/** Of a catalogue of English texts: `t(key, values)` says one, `has(key)` whether there is one. */
export function textsOf(english) {
  const has = (key) => Object.hasOwn(english, key);
  const t = (key, values = {}) => {
    const { texts, plurals } = spoken.value;
    if (Object.hasOwn(texts, key)) return filled(texts[key], values, plurals, numbers);
    return has(key) ? filled(english[key], values, ENGLISH.plurals, numbers) : key;
  };
  return { t, has };
}
