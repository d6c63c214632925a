import { bytes } from "../format.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { UserText } from "../parts/user-text.js";
import { t } from "../texts.js";
import { Progress } from "./uploads.js";

/** In place of a log's card and facts: the file that will be it. What the log chosen before holds is not said of it. */
export function ArrivingCard({ transfer }) {
  return html`<section class="log-card" aria-label=${t("log.card")}>
    <p class="log-card-name"><${Icon} name="file" /> <${UserText}>${transfer.name}<//></p>
    <${Progress} transfer=${transfer} />
  </section>`;
}

export function ArrivingFacts({ transfer }) {
  return html`<p class="panel-name"><${UserText}>${transfer.name}<//></p>
    <dl class="facts"><div><dt>${t("panel.size")}</dt><dd class="figure">${bytes(transfer.size)}</dd></div></dl>
    <${Progress} transfer=${transfer} />
    <p class="quiet">${t("upload.next")}</p>`;
}
