import { useEffect, useRef, useState } from "preact/hooks";
import { api } from "../api.js";
import { html } from "../html.js";
import { t } from "../texts.js";
import { Value } from "./value.js";

/** What a call answered, as it was told; where that was cut, all of it once somebody asks for it. */
export function Answered({ call }) {
  const [found, setFound] = useState({ state: "preview" });
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const fetchAll = async () => {
    setFound({ state: "fetching" });
    const next = await whole(call);
    if (here.current) setFound(next);
  };
  const all = found.state === "all";
  return html`<h3>${t("tool.output")}</h3>
    <${Value} value=${all ? found.result : call.result} />
    ${call.truncated && !all && html`<div class="call-whole">
      <p class="quiet">${t(found.state === "none" ? "tool.tooLarge" : "tool.truncated")}</p>
      ${found.state === "failed" && html`<p class="call-error" role="alert">${found.why}</p>`}
      ${found.state !== "none" && html`<button type="button" class="button small" disabled=${found.state === "fetching"} onClick=${() => void fetchAll()}>
        ${t("tool.showAll")}
      </button>`}
    </div>`}`;
}

async function whole({ run, turn, key }) {
  try {
    const path = `runs/${encodeURIComponent(run)}/calls/${encodeURIComponent(key)}/?request_id=${encodeURIComponent(turn)}`;
    const { complete, result } = await api.get(path);
    return complete ? { state: "all", result } : { state: "none" };
  } catch (error) {
    return { state: "failed", why: error.message };
  }
}
