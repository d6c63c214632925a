import { useId } from "preact/hooks";
import { html } from "../html.js";
import { loadMore } from "../state/loading.js";
import { more, uploadList, workloadList } from "../state/store.js";
import { transfers } from "../state/transfers.js";
import { t } from "../texts.js";
import { FailedLog } from "./failed-log.js";
import { LogItem } from "./log-item.js";
import { SampleButton } from "./sample.js";
import { UploadButton } from "./upload-controls.js";
import { UnfinishedUpload, UploadItem } from "./upload-progress.js";

/** The user's logs and uploads. */
export function LogList({ onGo }) {
  const heading = useId();
  const busy = new Set(transfers.value.map((transfer) => transfer.uploadId));
  const left = uploadList.value.filter((upload) => !busy.has(upload.id));
  return html`<section class="group" aria-labelledby=${heading}>
    <h2 class="group-title" id=${heading}>${t("log.list")}</h2>
    <div class="upload-zone">
      <${UploadButton} small=${true} />
      <p class="quiet">${t("upload.orDrop")}</p>
      ${!workloadList.value.some((log) => log.source?.synthetic) && html`<${SampleButton} />`}
    </div>
    <ul class="items">
      ${transfers.value.map((transfer) => html`<${UploadItem} key=${transfer.id} transfer=${transfer} />`)}
      ${left.map((upload) => html`<${UnfinishedUpload} key=${upload.id} upload=${upload} />`)}
      ${workloadList.value.map((log) =>
        log.state === "failed"
          ? html`<${FailedLog} key=${log.id} log=${log} />`
          : html`<${LogItem} key=${log.id} log=${log} onGo=${onGo} />`,
      )}
    </ul>
    ${more.value.workloads &&
    html`<button type="button" class="button ghost small" onClick=${() => void loadMore("workloads")}>${t("list.more")}</button>`}
  </section>`;
}
