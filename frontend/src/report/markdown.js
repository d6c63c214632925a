/** Renders Markdown from models and logs: tables, lists and emphasis; HTML becomes text, images their description. */
import DOMPurify from "dompurify";
import { Marked } from "marked";
import { useMemo, useRef } from "preact/hooks";
import { html } from "../html.js";
import { useScrollStops } from "./elements.js";
import { escapeHtml, renderLink } from "./selectors/escaping.js";
import { t } from "./texts.js";

const TAGS = [
  "a", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "mark", "ol", "p", "pre", "small",
  "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
];
const ATTRIBUTES = ["align", "aria-label", "href", "rel", "role", "start", "target"];
const POLICY = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((name) => name !== "href"),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_TRUSTED_TYPE: true,
};
const LOWEST = 6;
const BELOW_PAGE = 2;

/** What the server writes behind a number of a language model that no result backs. It stands out, and not by its colour alone. */
const unverified = {
  name: "unverified",
  level: "inline",
  start: (text) => text.indexOf(`(${t("markdown.unverified")})`),
  tokenizer(text) {
    const raw = `(${t("markdown.unverified")})`;
    return text.startsWith(raw) ? { type: "unverified", raw } : undefined;
  },
  renderer: ({ raw }) => `<mark>${escapeHtml(raw)}</mark>`,
};

const marked = new Marked({
  gfm: true,
  extensions: [unverified],
  renderer: {
    html: ({ text, block }) => (block ? `<p>${escapeHtml(text)}</p>` : escapeHtml(text)),
    image: ({ text }) => escapeHtml(text),
    link({ href, tokens }) {
      return renderLink(href, this.parser.parseInline(tokens));
    },
    heading({ tokens, depth }) {
      const level = Math.min(depth + BELOW_PAGE, LOWEST);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    code: ({ text }) => `<pre><code>${escapeHtml(text)}</code></pre>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
  hooks: {
    postprocess: (page) =>
      page.replaceAll("<table>", `<div role="group" aria-label="${t("markdown.table")}"><table>`).replaceAll("</table>", "</table></div>"),
  },
});

export function Markdown({ text }) {
  const place = useRef(null);
  const made = useMemo(() => ({ __html: DOMPurify.sanitize(marked.parse(text ?? ""), POLICY) }), [text]);
  useScrollStops(() => [...place.current.querySelectorAll('[role="group"], pre')], [text]);
  return html`<div class="rp-markdown" dir="auto" ref=${place} dangerouslySetInnerHTML=${made}></div>`;
}
