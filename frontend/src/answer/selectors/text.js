/** The text of an answer: whether it stands out, and how it reads while a language model is still writing it. */

const LONGEST_HEADLINE = 140;
const CODE = /```[^]*?(?:```|$)|`[^`\n]*`/g;

/** A short answer stands out; a paragraph is read. */
export const isHeadline = (text) => text.split("\n", 1)[0].length <= LONGEST_HEADLINE;

/** Markdown that is being written, with the emphasis and code closed that its end leaves open: no reader sees their signs come and go. */
export function closeOpenMarks(text) {
  const start = text.lastIndexOf("\n\n") + 1;
  const last = text.slice(start).replace(/[*_`]+$/, "");
  const outside = last.replaceAll(CODE, "");
  const code = outside.split("`").length % 2 === 0 ? "`" : "";
  const bold = (code ? outside.slice(0, outside.lastIndexOf("`")) : outside).split("**").length % 2 === 0 ? "**" : "";
  return `${text.slice(0, start)}${last.trimEnd()}${code}${bold}`;
}
