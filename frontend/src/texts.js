/** Every text of the page by name, in English in texts.json. The report has its own. */
import { createTexts } from "./language.js";
import english from "./texts.json";

export const { t, has } = createTexts(english);
