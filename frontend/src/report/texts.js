/** Every text of the report, by name. */
import { createTexts } from "../language.js";
import english from "./texts.json";

export const { t, has } = createTexts(english);
