import { html } from "../html.js";
import { UserText } from "../parts/user-text.js";
import { isConfirmed } from "../state/confirmed.js";
import { me } from "../state/me.js";
import { has, t } from "../texts.js";
import { missingFields } from "./facts.js";

/** What was found in the file, and what was not and would tell more. */
export function Columns({ log }) {
  const { source } = log;
  const found = foundIn(source);
  const missing = missingFields(source, me.value.fields);
  return html`
    <details class="fold" open>
      <summary>${t("columns.found", { n: found.length })}${source.guessed && html` <span class="tag">${t(isConfirmed(log) ? "columns.confirmed" : "columns.guessed")}</span>`}</summary>
      <${Mapping} source=${source} />
    </details>
    ${missing.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.missing", { n: missing.length })}</summary>
      <dl class="mapping missing">
        ${missing.map((field) => html`<div key=${field.name}><dt>${fieldName(field.name)}</dt><dd>${field.about}</dd></div>`)}
      </dl>
    </details>`}
    ${source.ignored.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.ignored", { n: source.ignored.length })}</summary>
      <p><${UserText}>${source.ignored.join(", ")}<//></p>
    </details>`}
  `;
}

/** Our fields, and the columns of the file that hold them. */
export function Mapping({ source }) {
  return html`<dl class="mapping">
    ${foundIn(source).map(([field, column]) => html`<div key=${field}><dt>${fieldName(field)}</dt><dd><${UserText}>${column}<//></dd></div>`)}
  </dl>`;
}

const foundIn = (source) => Object.entries(source.mapping).filter(([, column]) => column);

/** A field in words; an installation may know more of them than this page. */
export const fieldName = (field) => (has(`field.${field}`) ? t(`field.${field}`) : field.replaceAll("_", " "));
