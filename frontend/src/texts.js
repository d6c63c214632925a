/** Every text of the page (the report has its own): texts.json has them in English, by name. */
import { textsOf } from "./language.js";
import english from "./texts.json";

export const { t, has } = textsOf(english);
