/** The language of the page's texts: the reader's if the server has it; English for whatever it lacks. */
import { signal } from "@preact/signals";
import { fillTemplate } from "./text-template.js";

const ENGLISH = { texts: {}, plurals: new Intl.PluralRules("en") };
const numbers = new Intl.NumberFormat(globalThis.navigator?.languages);
const current = signal(ENGLISH);

/** `texts`: the language's texts by name. */
export function setLanguage({ tag, direction }, texts) {
  current.value = { texts, plurals: new Intl.PluralRules(tag) };
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

/** From a catalogue of English texts: `t(key, values)` returns a text in the current language, `has(key)` whether it exists. */
export function createTexts(english) {
  const has = (key) => Object.hasOwn(english, key);
  const t = (key, values = {}) => {
    const { texts, plurals } = current.value;
    if (Object.hasOwn(texts, key)) return fillTemplate(texts[key], values, plurals, numbers);
    return has(key) ? fillTemplate(english[key], values, ENGLISH.plurals, numbers) : key;
  };
  return { t, has };
}
