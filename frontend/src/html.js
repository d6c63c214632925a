import { h } from "preact";
import htm from "htm";

/** Markup in tagged templates; text is always text. */
export const html = htm.bind(h);
