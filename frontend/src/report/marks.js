/** Marks that show the basis of a figure, a level or a verdict without relying on colour. */
import { html } from "../html.js";
import { LEVELS } from "./selectors/headline.js";
import { t } from "./texts.js";

const BASES = {
  observed: html`<circle cx="8" cy="8" r="6" class="rp-fill" /><path d="M5 8.2l2 2 4-4.4" class="rp-cut" />`,
  modelled: html`<circle cx="8" cy="8" r="6" class="rp-stroke" /><path d="M8 2a6 6 0 0 1 0 12z" class="rp-fill" />`,
  "needs evaluation": html`<circle cx="8" cy="8" r="6" class="rp-stroke rp-dashed" /><circle cx="8" cy="8" r="1.6" class="rp-fill" />`,
  unknown: html`<circle cx="8" cy="8" r="6" class="rp-stroke" /><path d="M6.3 6.4a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.9.6-.9 1.3M8 11.3v.2" class="rp-stroke" />`,
};

const VERDICTS = {
  good: html`<path d="M3 8.5l3.2 3.2L13 4.8" class="rp-stroke rp-bold" />`,
  warn: html`<path d="M8 2.5L14 13H2z" class="rp-stroke" /><path d="M8 6.5v3M8 11.2v.2" class="rp-stroke" />`,
  open: BASES.unknown,
};

function Icon({ children }) {
  return html`<svg class="rp-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${children}</svg>`;
}

/** The basis of a figure, as a mark and a word, or other `words`. */
export function Basis({ basis, words }) {
  return html`<span class="rp-basis"><${Icon}>${BASES[basis] ?? BASES.unknown}<//>${words ?? t(`basis.${basis}`)}</span>`;
}

/** `tone`: good, warn or open. */
export function Verdict({ tone, children }) {
  return html`<strong class=${`rp-verdict rp-${tone}`}><${Icon}>${VERDICTS[tone]}<//>${children}</strong>`;
}

/** A level of effort or risk, as bars and a word. */
export function Level({ found }) {
  if (!found) return html`<span class="rp-soft rp-none"><span aria-hidden="true">${t("levers.none")}</span><span class="rp-hidden">${t("levers.none.label")}</span></span>`;
  if (found.name === null) return html`<span>${found.reason}</span>`;
  const bars = LEVELS.map((_, rank) => html`
    <rect x=${1 + rank * 5} y=${10 - rank * 4} width="4" height=${4 + rank * 4} class=${rank <= found.rank ? "rp-fill" : "rp-faint"} />
  `);
  return html`<span class="rp-level"><${Icon}>${bars}<//>${t(`level.${found.name}`)}</span>`;
}

/** Explains the marks. */
export function Legend() {
  return html`<dl class="rp-legend" aria-label=${t("basis.heading")}>
    ${Object.keys(BASES).map((basis) => html`<div><dt><${Basis} basis=${basis} /></dt><dd>${t(`basis.why.${basis}`)}</dd></div>`)}
  </dl>`;
}
