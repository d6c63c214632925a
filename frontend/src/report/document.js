/** The whole report, from the JSON of docs/report.md. */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { interval, requests } from "./figures.js";
import { Headline } from "./headline.js";
import { Levers } from "./levers.js";
import { Verdict } from "./marks.js";
import { Name } from "./name.js";
import { Next } from "./next.js";
import { OverTime } from "./overtime.js";
import { Parts } from "./parts.js";
import { Plan } from "./plan.js";
import { printAlone, useUnfolded } from "./print.js";
import { Rest } from "./rest.js";
import { visible } from "./shape/visible.js";
import { has, t } from "./texts.js";
import { Toolbar } from "./toolbar.js";
import { Unknowns } from "./unknowns.js";
import { Waterfall } from "./waterfall.js";

/**
 * `answer`: the run's Markdown, to copy. `fields`: those of /api/me/, to say what a missing column is.
 * `onAsk(text)`: asks the next question; without it none is offered.
 */
export function Report({ runId, report, answer = null, fields = [], onAsk = null }) {
  const place = useRef(null);
  useUnfolded(place);
  return html`<article class="rp" ref=${place} aria-label=${t("report.title")}>
    <header class="rp-head">
      <div><h2>${t("report.title")}</h2><${About} report=${report} /></div>
      <${Toolbar} runId=${runId} answer=${answer} onPrint=${() => printAlone(place.current)} />
    </header>
    <${Warnings} report=${report} />
    <${Headline} report=${report} />
    <${Waterfall} report=${report} />
    <${OverTime} report=${report} />
    <${Parts} report=${report} />
    <${Levers} report=${report} />
    <${Plan} report=${report} />
    <${Unknowns} report=${report} fields=${fields} />
    <${Rest} report=${report} />
    <${Next} report=${report} onAsk=${onAsk} />
  </article>`;
}

function About({ report }) {
  const timed = report.first !== null;
  return html`<p class="rp-about">
    <${Name} text=${report.source.name} />
    <span>${requests(report.rows)}</span>
    <span>${!timed ? t("report.noTimes") : report.relative_clock ? t("report.relative") : interval(report.first, report.last)}</span>
  </p>`;
}

function Warnings({ report }) {
  const parts = report.missing.map((part) => (has(`part.${part}`) ? t(`part.${part}`) : part));
  // Reports from before reasons were kept have none.
  const whys = [...new Set(Object.values(report.because ?? {}))];
  return html`
    ${parts.length > 0 && html`<div class="rp-warning" role="note">
      <${Verdict} tone="warn">${t("report.incomplete")}<//>
      <span>${t("report.failed", { n: parts.length, parts: parts.join("; ") })} ${t("report.missing", { n: parts.length })}</span>
      ${whys.map((why) => html`<span key=${why} class="rp-why"><bdi dir="auto">${visible(why)}</bdi></span>`)}
    </div>`}
    ${report.source.synthetic && html`<p class="rp-synthetic">${t("report.synthetic")}</p>`}
  `;
}
