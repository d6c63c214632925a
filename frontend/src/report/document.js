/** The whole report, from the JSON of docs/report.md. */
import { useRef } from "preact/hooks";
import { formatInterval } from "../format.js";
import { html } from "../html.js";
import { Name } from "./elements.js";
import { Verdict } from "./marks.js";
import { SECTIONS } from "./sections/registry.js";
import { showHiddenCharacters } from "./selectors/escaping.js";
import { countRequests } from "./selectors/headline.js";
import { has, t } from "./texts.js";
import { printAlone, Toolbar, useUnfolded } from "./toolbar.js";
import { formatRequests } from "./units.js";

/**
 * `answer`: the run's Markdown, to copy. `fields`: those of /api/me/, which describe the columns that a log may have.
 * `onAsk(text)` asks the next question; without it none is offered. `renderFeedback(lever)` returns the buttons to rate a lever.
 */
export function Report({ runId, report, answer = null, fields = [], onAsk = null, renderFeedback = null }) {
  const place = useRef(null);
  useUnfolded(place);
  return html`<article class="rp" ref=${place} aria-label=${t("report.title")}>
    <header class="rp-head">
      <div><h2>${t("report.title")}</h2><${About} report=${report} /></div>
      <${Toolbar} runId=${runId} focus=${hasTables(report) && report.first !== null && !report.relative_clock} answer=${answer} onPrint=${() => printAlone(place.current)} />
    </header>
    <${Warnings} report=${report} />
    ${SECTIONS.map((Section) => html`<${Section} report=${report} runId=${hasTables(report) ? runId : null} fields=${fields} onAsk=${onAsk} renderFeedback=${renderFeedback} />`)}
  </article>`;
}

/** Reports of earlier versions have no tables to download. */
const hasTables = (report) => Array.isArray(report.allocation) && Array.isArray(report.source.kept);

function About({ report }) {
  const timed = report.first !== null;
  return html`<p class="rp-about">
    ${report.ask && html`<q class="rp-asked" dir="auto">${showHiddenCharacters(report.ask)}</q>`}
    <${Name} text=${report.source.name} />
    <span>${formatRequests(countRequests(report))}</span>
    <span>${!timed ? t("report.noTimes") : report.relative_clock ? t("report.relative") : formatInterval(report.first, report.last)}</span>
  </p>`;
}

function Warnings({ report }) {
  const parts = report.missing.map((part) => (has(`part.${part}`) ? t(`part.${part}`) : part));
  // Older reports have no reasons.
  const whys = [...new Set(Object.values(report.because ?? {}))];
  return html`
    ${parts.length > 0 && html`<div class="rp-warning" role="note">
      <${Verdict} tone="warn">${t("report.incomplete")}<//>
      <span>${t("report.failed", { n: parts.length, parts: parts.join("; ") })} ${t("report.missing", { n: parts.length })}</span>
      ${whys.map((why) => html`<span key=${why} class="rp-why"><bdi dir="auto">${showHiddenCharacters(why)}</bdi></span>`)}
    </div>`}
    ${report.source.synthetic && html`<p class="rp-synthetic">${t("report.synthetic")}</p>`}
  `;
}
