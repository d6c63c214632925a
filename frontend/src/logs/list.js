import { useId } from "preact/hooks";
import { html } from "../html.js";
import { loadMore } from "../state/loading.js";
import { more, uploadList, workloadList } from "../state/store.js";
import { t } from "../texts.js";
import { BringButton } from "./bring.js";
import { SampleButton } from "./sample.js";
import { LogItem } from "./item.js";
import { transfers } from "../state/transfers.js";
import { Transfer, Unfinished } from "./uploads.js";

/** The user's logs, and what is on the way. */
export function LogList({ onGo }) {
  const heading = useId();
  const busy = new Set(transfers.value.map((transfer) => transfer.uploadId));
  const left = uploadList.value.filter((upload) => !busy.has(upload.id));
  return html`<section class="group" aria-labelledby=${heading}>
    <h2 class="group-title" id=${heading}>${t("log.list")}</h2>
    <div class="bring-zone">
      <${BringButton} small=${true} />
      <p class="quiet">${t("upload.orDrop")}</p>
      ${!workloadList.value.some((log) => log.source?.synthetic) && html`<${SampleButton} />`}
    </div>
    <ul class="items">
      ${transfers.value.map((transfer) => html`<${Transfer} key=${transfer.id} transfer=${transfer} />`)}
      ${left.map((upload) => html`<${Unfinished} key=${upload.id} upload=${upload} />`)}
      ${workloadList.value.map((log) => html`<${LogItem} key=${log.id} log=${log} onGo=${onGo} />`)}
    </ul>
    ${more.value.workloads &&
    html`<button type="button" class="button ghost small" onClick=${() => void loadMore("workloads")}>${t("list.more")}</button>`}
  </section>`;
}
