import { api } from "../api.js";
import { html } from "../html.js";
import { Confirm } from "../parts/confirm.js";
import { UserText } from "../parts/user-text.js";
import { takeEvent } from "../state/store.js";
import { t } from "../texts.js";

export function DeleteLog({ log, onDone }) {
  const act = async () => {
    await api.remove(`workloads/${log.id}/`);
    takeEvent({ type: "workload_deleted", workload_id: log.id });
  };
  return html`<${Confirm} title=${t("log.delete")} act=${act} label=${t("log.deleteAll")} onClose=${onDone}>
    <p><strong><${UserText}>${log.name}<//></strong></p>
    <p>${t("log.deleteAbout")}</p>
  <//>`;
}
