/** A run's report. In a long conversation only the latest is open; others fold to their headline. */
import { useEffect, useState } from "preact/hooks";
import { UserText } from "../components/user-text.js";
import { html } from "../html.js";
import { RunReport } from "../report/run-report.js";
import { me } from "../state/me.js";
import { askQuestion } from "../state/outbox.js";
import { t } from "../texts.js";
import { Feedback } from "./feedback.js";

/** `latest`: whether the run is the last of its conversation. A report that is open stays so until the user asks something else. */
export function ReportOutcome({ run, latest }) {
  const [open, setOpen] = useState(latest);
  useEffect(() => {
    const fold = () => setOpen(false);
    addEventListener("netra:sent", fold);
    return () => removeEventListener("netra:sent", fold);
  }, []);
  if (!open) return html`<${Headline} run=${run} onOpen=${() => setOpen(true)} />`;
  const renderFeedback = (lever) => html`<${Feedback} runId=${run.id} lever=${lever} />`;
  return html`<${RunReport} run=${run} fields=${me.value.fields} onAsk=${askQuestion} renderFeedback=${renderFeedback} />`;
}

function Headline({ run, onOpen }) {
  const end = run.events.findLast((event) => event.type === "agent_completed" && event.parent_request_id === null);
  return html`<div class="report-headline">
    <h2>${t("report.folded")}</h2>
    ${end?.summary && html`<p><${UserText}>${end.summary}<//></p>`}
    <button type="button" class="button small" aria-expanded="false" onClick=${onOpen}>${t("report.show")}</button>
  </div>`;
}
