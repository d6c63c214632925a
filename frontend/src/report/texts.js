/** Every text of the report, by name. */
import { textsOf } from "../language.js";
import english from "./texts.json";

export const { t, has } = textsOf(english);
