import { useState } from "preact/hooks";
import { html } from "../html.js";
import { assume, chosenAssumptions } from "../state/choices.js";
import { announce } from "../state/announce.js";
import { t } from "../texts.js";
import { hasModel } from "./facts.js";
import { COMMON_MODELS } from "./model.js";

const FIELDS = ["price_in", "price_out", "discount_percent"];

/** What the reader knows better than the log: the model, their own prices, a discount. Kept per log in the conversation. */
export function Prices({ log }) {
  const known = chosenAssumptions.value;
  const [saved, setSaved] = useState(false);
  const [wrong, setWrong] = useState(null);
  const submit = (event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const numbers = Object.fromEntries(FIELDS.map((name) => [name, parsed(given.get(name))]));
    const problem = check(numbers);
    setWrong(problem);
    if (problem !== null) return;
    assume(log.id, { assume_model: (given.get("assume_model") ?? "").trim(), ...numbers });
    setSaved(true);
    announce(t("prices.saved"));
  };
  return html`<details class="fold" open=${Object.keys(known).length > 0}>
    <summary>${t("prices.title")}</summary>
    <form class="prices" key=${JSON.stringify(known)} onSubmit=${submit} onInput=${() => setSaved(false)}>
      ${!hasModel(log.source) &&
      html`<label class="field wide">
        <span>${t("prices.model")}</span>
        <input name="assume_model" list="common-models" defaultValue=${known.assume_model ?? ""} maxlength="200" autocomplete="off" spellcheck=${false} />
        <datalist id="common-models">${COMMON_MODELS.map((model) => html`<option key=${model} value=${model}></option>`)}</datalist>
      </label>`}
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
  </details>`;
}

/** A number as people write it: with a comma too. Null for nothing, NaN for what is none. */
function parsed(text) {
  const written = String(text ?? "").trim().replace(",", ".");
  return written === "" ? null : Number(written);
}

function check({ price_in, price_out, discount_percent }) {
  const given = [price_in, price_out, discount_percent].filter((value) => value !== null);
  if (given.some((value) => !Number.isFinite(value) || value < 0)) return t("prices.notNumber");
  if ((price_in === null) !== (price_out === null)) return t("prices.both");
  if (discount_percent !== null && discount_percent >= 100) return t("prices.discountRange");
  return null;
}
