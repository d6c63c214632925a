/** The checks of the log against itself: what failed, with its likely causes; one line for what passed. */
import { formatCount, formatMoney } from "../../format.js";
import { html } from "../../html.js";
import { CsvLink, Fold, Section } from "../elements.js";
import { Verdict } from "../marks.js";
import { selectChecks } from "../selectors/checks.js";
import { showHiddenCharacters } from "../selectors/escaping.js";
import { t } from "../texts.js";
import { formatTokens } from "../units.js";

export function Checks({ report, runId }) {
  const { failed, passed } = selectChecks(report);
  if (!failed.length && !passed.length) return null;
  if (!failed.length) return html`<${Fold} title=${t("checks.passed", { n: passed.length })}>
    ${runId && html`<${CsvLink} runId=${runId} table="checks" title=${t("checks.heading")} />`}<${Findings} checks=${passed} />
  <//>`;
  return html`<${Section} title=${t("checks.heading")} csv="checks" runId=${runId}>
    ${failed.map((check) => html`<div class="rp-warning" role="note" key=${check.name}>
      <${Verdict} tone="warn">${check.title}<//>
      <span>${showHiddenCharacters(check.finding)}</span>
      ${check.causes.length > 0 && html`<ul>${check.causes.map((cause) => html`<li key=${cause.what}>${describeCause(cause)}</li>`)}</ul>`}
    </div>`)}
  <//>`;
}

const Findings = ({ checks }) => html`<ul>${checks.map((check) => html`<li key=${check.name}>${showHiddenCharacters(check.finding)}</li>`)}</ul>`;

function describeCause({ what, amount, tokens, rows }) {
  const words = showHiddenCharacters(what);
  if (amount !== null) return t("checks.cause.usd", { what: words, usd: formatMoney(amount), rows: formatCount(rows), n: rows });
  if (tokens !== null) return t("checks.cause.tokens", { what: words, tokens: formatTokens(tokens), rows: formatCount(rows), n: rows });
  return rows === null ? words : t("checks.cause.rows", { what: words, rows: formatCount(rows), n: rows });
}
