import { useId, useState } from "preact/hooks";
import { html } from "../html.js";
import { assume, chosenAssumptions } from "../state/choices.js";
import { announce } from "../state/notices.js";
import { t } from "../texts.js";
import { hasModel } from "./log-facts.js";
import { parseNumber } from "./parse-number.js";
import { PricesDialog } from "./prices-dialog.js";

const FIELDS = ["price_in", "price_out", "discount_percent"];

/** Common models; any other can be typed. */
const COMMON_MODELS = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "claude-sonnet-4-5", "claude-haiku-4-5", "gemini-2.5-flash"];

/** Asks for the model of a log without a model column; one click answers. */
export function ModelQuestion({ onChoose }) {
  const heading = useId();
  const [name, setName] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (name.trim()) onChoose(name.trim());
  };
  return html`<div class="which-model" role="group" aria-labelledby=${heading}>
    <p id=${heading}><strong>${t("model.which")}</strong> ${t("model.why")}</p>
    <div class="chips">
      ${COMMON_MODELS.map((model) => html`<button key=${model} type="button" class="chip" onClick=${() => onChoose(model)}>${model}</button>`)}
    </div>
    <form class="inline-form" onSubmit=${submit}>
      <input value=${name} onInput=${(event) => setName(event.currentTarget.value)} aria-label=${t("model.other")}
        placeholder=${t("model.other")} maxlength="200" autocomplete="off" spellcheck=${false} />
      <button class="button small" disabled=${name.trim() === ""}>${t("use")}</button>
    </form>
  </div>`;
}

/** The user's own model, prices and discount, kept with the log. */
export function AssumptionsForm({ log }) {
  const known = chosenAssumptions.value;
  const target = log.assumptions?.target_model ?? "";
  const [saved, setSaved] = useState(false);
  const [wrong, setWrong] = useState(null);
  const [table, setTable] = useState(false);
  const submit = (event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const numbers = Object.fromEntries(FIELDS.map((name) => [name, parseNumber(given.get(name))]));
    const problem = validateNumbers(numbers);
    setWrong(problem);
    if (problem !== null) return;
    const model = given.get("assume_model");
    assume(log.id, { target_model: given.get("target_model").trim() || null, ...(model === null ? {} : { assume_model: model.trim() || null }), ...numbers })
      .then(() => {
        setSaved(true);
        announce(t("prices.saved"));
      })
      .catch((error) => setWrong(error.message));
  };
  return html`<details class="fold" open=${Object.keys(known).length > 0 || target !== ""}>
    <summary>${t("prices.title")}</summary>
    <form class="prices" key=${JSON.stringify([known, target])} onSubmit=${submit} onInput=${() => setSaved(false)}>
      ${!hasModel(log.source) &&
      html`<label class="field wide">
        <span>${t("prices.model")}</span>
        <input name="assume_model" list="common-models" defaultValue=${known.assume_model ?? ""} maxlength="200" autocomplete="off" spellcheck=${false} />
        <datalist id="common-models">${COMMON_MODELS.map((model) => html`<option key=${model} value=${model}></option>`)}</datalist>
      </label>`}
      <label class="field wide">
        <span>${t("prices.target")}</span>
        <input name="target_model" list="target-models" defaultValue=${target} maxlength="200" autocomplete="off" spellcheck=${false} />
        <datalist id="target-models">${COMMON_MODELS.map((model) => html`<option key=${model} value=${model}></option>`)}</datalist>
      </label>
      <p class="quiet wide">${t("prices.own")}</p>
      ${FIELDS.map(
        (name) => html`<label class="field" key=${name}>
          <span>${t(`prices.${name}`)}</span>
          <input name=${name} inputmode="decimal" defaultValue=${known[name] ?? ""} autocomplete="off" />
        </label>`,
      )}
      ${wrong && html`<p class="message bad wide" role="alert">${wrong}</p>`}
      <div class="wide"><button class="button small">${t(saved ? "prices.saved" : "prices.save")}</button> <span class="quiet">${t("prices.when")}</span></div>
    </form>
    ${hasModel(log.source) && html`<button type="button" class="button small" onClick=${() => setTable(true)}>${t("prices.perModel")}</button>`}
    ${table && html`<${PricesDialog} log=${log} onClose=${() => setTable(false)} />`}
  </details>`;
}

function validateNumbers({ price_in, price_out, discount_percent }) {
  const given = [price_in, price_out, discount_percent].filter((value) => value !== null);
  if (given.some((value) => !Number.isFinite(value) || value < 0)) return t("prices.notNumber");
  if ((price_in === null) !== (price_out === null)) return t("prices.both");
  if (discount_percent !== null && discount_percent >= 100) return t("prices.discountRange");
  return null;
}
