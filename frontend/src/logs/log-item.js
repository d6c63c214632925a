import { useState } from "preact/hooks";
import { api } from "../api.js";
import { Confirm } from "../components/dialog.js";
import { Icon } from "../components/icon.js";
import { Menu } from "../components/menu.js";
import { RenameField } from "../components/rename-field.js";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { chooseLog, chosenLog } from "../state/choices.js";
import { takeEvent } from "../state/store.js";
import { activeTransfer } from "../state/transfers.js";
import { t } from "../texts.js";
import { summarizeLog } from "./log-facts.js";

/** A log in the left column; choosing it selects it for the open conversation. */
export function LogItem({ log, onGo }) {
  const [doing, setDoing] = useState(null);
  const current = activeTransfer.value === null && chosenLog.value?.id === log.id;
  const done = () => setDoing(null);
  const choose = () => {
    chooseLog(log.id);
    onGo();
  };
  if (doing === "rename") {
    return html`<li class="item editing"><${RenameField} thread=${log} kind="workloads" field="name" onDone=${done} /></li>`;
  }
  return html`<li class=${current ? "item log current" : "item log"}>
    <button type="button" class="item-link" aria-pressed=${current} onClick=${choose} title=${log.name}>
      <${Icon} name=${log.state === "failed" ? "alert" : "file"} size=${16} />
      <span class="item-lines">
        <${UserText} className="item-name">${log.name}<//>
        <span class=${`item-facts figure ${log.state}`}>${summarizeLog(log).map((fact) => html`<span key=${fact}>${fact}</span> `)}</span>
      </span>
    </button>
    <${Menu} label=${t("log.actions", { name: log.name })} className="item-menu" button=${html`<${Icon} name="more" />`}>
      ${(close) => html`
        <button type="button" class="menu-item" onClick=${() => (close(), setDoing("rename"))}><${Icon} name="edit" /> ${t("rename")}</button>
        <button type="button" class="menu-item bad" onClick=${() => (close(), setDoing("delete"))}><${Icon} name="bin" /> ${t("delete")}</button>`}
    <//>
    ${doing === "delete" && html`<${DeleteLog} log=${log} onDone=${done} />`}
  </li>`;
}

/** Deletes a log, or stops its first reading. */
export async function deleteLog(log) {
  await api.remove(`workloads/${log.id}/`);
  takeEvent({ type: "workload_deleted", workload_id: log.id });
}

/** Asks whether a log is to be deleted, and deletes it. */
function DeleteLog({ log, onDone }) {
  return html`<${Confirm} title=${t("log.delete")} act=${() => deleteLog(log)} label=${t("log.deleteAll")} onClose=${onDone}>
    <p><strong><${UserText}>${log.name}<//></strong></p>
    <p>${t("log.deleteAbout")}</p>
  <//>`;
}
