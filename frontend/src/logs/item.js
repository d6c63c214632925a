import { useState } from "preact/hooks";
import { html } from "../html.js";
import { Rename } from "../conversations/rename.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { UserText } from "../parts/user-text.js";
import { chooseLog, chosenLog } from "../state/choices.js";
import { arriving } from "../state/transfers.js";
import { t } from "../texts.js";
import { DeleteLog } from "./delete.js";
import { briefOf } from "./facts.js";

/** A log on the left; choosing it makes it what the open conversation is about. */
export function LogItem({ log, onGo }) {
  const [doing, setDoing] = useState(null);
  const current = arriving.value === null && chosenLog.value?.id === log.id;
  const done = () => setDoing(null);
  const choose = () => {
    chooseLog(log.id);
    onGo();
  };
  if (doing === "rename") {
    return html`<li class="item editing"><${Rename} thread=${log} kind="workloads" field="name" onDone=${done} /></li>`;
  }
  return html`<li class=${current ? "item log current" : "item log"}>
    <button type="button" class="item-link" aria-pressed=${current} onClick=${choose} title=${log.name}>
      <${Icon} name=${log.state === "failed" ? "alert" : "file"} size=${16} />
      <span class="item-lines">
        <${UserText} className="item-name">${log.name}<//>
        <span class=${`item-facts figure ${log.state}`}>${briefOf(log).map((fact) => html`<span key=${fact}>${fact}</span> `)}</span>
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
