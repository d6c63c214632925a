import { useEffect, useState } from "preact/hooks";
import { api } from "../api.js";
import { Dialog } from "../components/dialog.js";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { saveAssumptions } from "../state/log-changes.js";
import { announce } from "../state/notices.js";
import { t } from "../texts.js";
import { parseNumber } from "./parse-number.js";

const KINDS = ["fresh_input", "cache_read", "cache_write", "output"];
const MORE_KINDS = ["cache_write_1h", "audio_input", "audio_read", "audio_output", "image_input", "image_output", "reasoning", "search", "request"];
const ALL_KINDS = [...KINDS, ...MORE_KINDS];
const FIRST = 25;

/** The prices of the log's models, prefilled with those that were applied; what is changed applies at once. */
export function PricesDialog({ log, onClose }) {
  const [prices, setPrices] = useState(null);
  const [all, setAll] = useState(false);
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    api.get(`workloads/${log.id}/prices/`).then(setPrices).catch(setFailure);
  }, [log.id, log.spend?.total]);
  const rows = prices === null ? [] : listRows(prices, log.assumptions);
  const save = async (event) => {
    event.preventDefault();
    const change = collectChange(new FormData(event.currentTarget), rows, log.assumptions);
    if (change === null) return setFailure({ message: t("prices.notNumber") });
    setBusy(true);
    try {
      await saveAssumptions(log.id, change);
      announce(t("prices.saved"));
      onClose();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return html`<${Dialog} title=${t("prices.table")} onClose=${onClose}>
    <form onSubmit=${save}>
      <div class="dialog-body">
        <p class="quiet">${t("prices.tableLead")} ${prices?.date && t("prices.list", { version: prices.version, date: prices.date })} ${prices?.file && t("prices.file", { title: prices.file.title, date: prices.file.date })}</p>
        ${prices === null && failure === null && html`<p class="wait" role="status"><span class="spinner" aria-hidden="true"></span> ${t("working")}</p>`}
        ${rows.slice(0, all ? rows.length : FIRST).map((row, n) => html`<${ModelRow} key=${row.model} row=${row} n=${n} />`)}
        ${!all && rows.length > FIRST && html`<button type="button" class="button small" onClick=${() => setAll(true)}>${t("prices.more", { n: rows.length - FIRST })}</button>`}
        ${prices !== null &&
        html`<label class="field"><span>${t("prices.discountAll")}</span>
          <input name="discount" inputmode="decimal" autocomplete="off" defaultValue=${formatNumber(log.assumptions.discount_percent)} /></label>`}
      </div>
      ${failure && html`<p class="message bad" role="alert">${failure.message}</p>`}
      <div class="dialog-actions">
        <button type="button" class="button" onClick=${onClose}>${t("cancel")}</button>
        <button class="button primary" disabled=${busy || prices === null}>${t(busy ? "working" : "prices.save")}</button>
      </div>
    </form>
  <//>`;
}

function ModelRow({ row, n }) {
  return html`<fieldset class="price-row">
    <legend><${UserText}>${row.model}<//> <span class="quiet">${row.source}</span></legend>
    ${(row.unknown || row.alias) &&
    html`<label class="field wide"><span>${t("prices.means")}</span>
      <input name=${`alias-${n}`} list=${`similar-${n}`} defaultValue=${row.alias} maxlength="200" autocomplete="off" spellcheck=${false} />
      <datalist id=${`similar-${n}`}>${row.similar.map((name) => html`<option key=${name} value=${name}></option>`)}</datalist>
    </label>`}
    ${KINDS.map((kind) => html`<${PriceField} key=${kind} kind=${kind} row=${row} n=${n} />`)}
    <label class="field"><span>${t("prices.discount_percent")}</span>
      <input name=${`discount_percent-${n}`} inputmode="decimal" autocomplete="off" defaultValue=${row.prices.discount_percent} /></label>
    <details class="price-more" open=${MORE_KINDS.some((kind) => row.prices[kind] !== "")}>
      <summary>${t("prices.kinds")}</summary>
      ${MORE_KINDS.map((kind) => html`<${PriceField} key=${kind} kind=${kind} row=${row} n=${n} />`)}
    </details>
  </fieldset>`;
}

function PriceField({ kind, row, n }) {
  return html`<label class="field"><span>${t(`prices.kind.${kind}`)}</span>
    <input name=${`${kind}-${n}`} inputmode="decimal" autocomplete="off" defaultValue=${row.prices[kind]} /></label>`;
}

/** One row for each model: its prices at the standard tier, before discounts. */
function listRows(prices, assumptions) {
  const rows = new Map();
  for (const entry of [...prices.models].sort((one, other) => (one.tier === null ? 0 : 1) - (other.tier === null ? 0 : 1))) {
    if (entry.model === null || rows.has(entry.model)) continue;
    rows.set(entry.model, describe(entry.model, assumptions, entry.tier === null ? entry : null, { source: `${entry.priced_as ?? ""} ${t(`prices.history.${entry.history}`)}` }));
  }
  for (const { model, why, similar } of prices.unpriced) {
    if (model !== null && !rows.has(model)) rows.set(model, describe(model, assumptions, null, { source: why, similar, unknown: true }));
  }
  return [...rows.values()];
}

function describe(model, assumptions, entry, facts) {
  const own = assumptions.model_prices.find((price) => isSame(price.model, model)) ?? {};
  const left = entry === null ? 1 : 1 - Number(entry.discount_percent) / 100;
  const applied = (kind) => entry?.[kind] ?? entry?.more_prices?.[kind] ?? null;
  const shown = (kind) => own[kind] ?? (applied(kind) !== null && left > 0 ? String(Number((Number(applied(kind)) / left).toFixed(6))) : "");
  return {
    similar: [],
    ...facts,
    model,
    own,
    alias: assumptions.model_names.find((alias) => isSame(alias.name, model))?.model ?? "",
    prices: { ...Object.fromEntries(ALL_KINDS.map((kind) => [kind, formatNumber(shown(kind))])), discount_percent: formatNumber(own.discount_percent) },
  };
}

/** What was changed, as the server reads it; null if something is no number. */
function collectChange(given, rows, assumptions) {
  const model_prices = [];
  const model_names = [];
  rows.forEach((row, n) => {
    const changed = {};
    for (const field of [...ALL_KINDS, "discount_percent"]) {
      const written = given.get(`${field}-${n}`);
      if (written !== null && written.trim() !== row.prices[field]) changed[field] = parseNumber(written);
    }
    if (Object.keys(changed).length > 0) model_prices.push({ ...row.own, model: row.model, ...changed });
    const alias = (given.get(`alias-${n}`) ?? row.alias).trim();
    if (alias !== row.alias) model_names.push({ name: row.model, model: alias === "" ? null : alias });
  });
  const discount_percent = parseNumber(given.get("discount")) ?? 0;
  const numbers = [discount_percent, ...model_prices.flatMap((price) => [...ALL_KINDS, "discount_percent"].map((field) => price[field] ?? 0))];
  if (numbers.some((number) => !Number.isFinite(Number(number)) || Number(number) < 0)) return null;
  const change = { model_prices, model_names };
  return Number(assumptions.discount_percent) === discount_percent ? change : { ...change, discount_percent };
}

const isSame = (one, other) => one.trim().toLowerCase() === other.trim().toLowerCase();

const formatNumber = (value) => (value === null || value === undefined || value === "" ? "" : String(Number(value)));
