import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { isConfirmed } from "../state/choices.js";
import { me } from "../state/me.js";
import { has, t } from "../texts.js";
import { listMissingFields } from "./log-facts.js";

/** The columns that were found, the optional ones that were not, those that divide the spend, and those that are not used. */
export function Columns({ log }) {
  const { source } = log;
  const found = listMapped(source);
  const missing = listMissingFields(source, me.value.fields);
  return html`
    <details class="fold" open>
      <summary>${t("columns.found", { n: found.length })}${source.guessed && html` <span class="tag">${t(isConfirmed(log) ? "columns.confirmed" : "columns.guessed")}</span>`}</summary>
      <${MappingList} source=${source} />
    </details>
    ${missing.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.missing", { n: missing.length })}</summary>
      <dl class="mapping missing">
        ${missing.map((field) => html`<div key=${field.name}><dt>${formatFieldName(field.name)}</dt><dd>${field.about}</dd></div>`)}
      </dl>
    </details>`}
    ${source.unread?.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.unread", { n: source.unread.length })}</summary>
      <p><${UserText}>${source.unread.map(({ name }) => name).join(", ")}<//></p>
    </details>`}
    ${source.kept?.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.kept", { n: source.kept.length })}</summary>
      <p><${UserText}>${source.kept.join(", ")}<//></p>
    </details>`}
    ${source.ignored.length > 0 &&
    html`<details class="fold">
      <summary>${t("columns.ignored", { n: source.ignored.length })}</summary>
      <p><${UserText}>${source.ignored.join(", ")}<//></p>
    </details>`}
  `;
}

/** The fields and the file's columns that hold them. */
export function MappingList({ source }) {
  return html`<dl class="mapping">
    ${listMapped(source).map(([field, column]) => html`<div key=${field}><dt>${formatFieldName(field)}</dt><dd><${UserText}>${column}<//></dd></div>`)}
  </dl>`;
}

const listMapped = (source) => Object.entries(source.mapping).filter(([, column]) => column);

/** A field's name. The server may know fields that this page has no text for. */
export const formatFieldName = (field) => (has(`field.${field}`) ? t(`field.${field}`) : field.replaceAll("_", " "));
