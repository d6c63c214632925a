import htm from "htm";
import { h } from "preact";

/** Markup in tagged templates; text is always text. */
export const html = htm.bind(h);
