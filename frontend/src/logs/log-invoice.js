/** The invoice of the selected log: upload a cost export, see what was read, remove it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { UserText } from "../components/user-text.js";
import { formatMoney } from "../format.js";
import { html } from "../html.js";
import { t } from "../texts.js";

export function LogInvoice({ log }) {
  const [invoice, setInvoice] = useState(null);
  const [state, setState] = useState({ busy: false, problem: null });
  const input = useRef(null);
  const path = `workloads/${log.id}/invoice/`;
  useEffect(() => {
    let current = true;
    api.get(path).then((found) => current && setInvoice(found.invoice), () => {});
    return () => {
      current = false;
    };
  }, [path]);
  const act = async (work) => {
    setState({ busy: true, problem: null });
    try {
      setInvoice(await work());
      setState({ busy: false, problem: null });
    } catch (error) {
      setState({ busy: false, problem: error.message });
    }
  };
  const chosen = (event) => {
    const [file] = event.currentTarget.files;
    event.currentTarget.value = "";
    if (file) act(async () => (await api.putFile(`${path}?name=${encodeURIComponent(file.name.slice(0, 200))}`, file)).invoice);
  };
  const remove = () => act(async () => (await api.remove(path), null));
  return html`<section class="log-invoice">
    <h3>${t("invoice")}</h3>
    ${invoice === null ? html`<p class="quiet">${t("invoice.none")}</p>` : html`<p><${UserText}>${invoice.name}<//>: <span class="figure">${formatMoney(invoice.total, invoice.currency)}</span></p>`}
    ${state.problem && html`<p class="message bad" role="alert"><bdi dir="auto">${state.problem}</bdi></p>`}
    <button type="button" class="button small" disabled=${state.busy} onClick=${() => input.current.click()}>${t(invoice === null ? "invoice.add" : "invoice.replace")}</button>
    ${invoice !== null && html` <button type="button" class="button ghost small" disabled=${state.busy} onClick=${remove}>${t("invoice.remove")}</button>`}
    <input ref=${input} class="unseen" type="file" tabindex="-1" aria-hidden="true" onChange=${chosen} />
  </section>`;
}
