import { useRef, useState } from "preact/hooks";
import { Icon } from "../components/icon.js";
import { Spinner } from "../components/spinner.js";
import { html } from "../html.js";
import { loadEarlier, loadError, loadThread } from "../state/loading.js";
import { announce } from "../state/notices.js";
import { outbox } from "../state/outbox.js";
import { NEW, openThread } from "../state/route.js";
import { earlier, messages } from "../state/store.js";
import { t } from "../texts.js";
import { useAutoscroll } from "./autoscroll.js";
import { Message, UnsentMessage } from "./message.js";
import { NewConversation } from "./new-conversation.js";

/** The open conversation, oldest first. */
export function Thread() {
  const scroller = useRef(null);
  const threadId = openThread.value;
  const { below, toEnd } = useAutoscroll(scroller, threadId);
  return html`<div class="thread-frame">
    <div class="thread" ref=${scroller} tabindex="-1">
      <div class="thread-inside"><${Content} threadId=${threadId} /></div>
    </div>
    ${below.value &&
    html`<button type="button" class="button pill" onClick=${toEnd}><${Icon} name="down" size=${15} /> ${t("thread.newBelow")}</button>`}
  </div>`;
}

function Loading({ threadId }) {
  if (loadError.value?.threadId !== threadId) return html`<${Spinner}>${t("thread.loading")}<//>`;
  return html`<div class="message bad" role="alert">
    <p>${loadError.value.message}</p>
    <div class="run-actions"><button type="button" class="button small" onClick=${() => void loadThread(threadId)}>${t("tryAgain")}</button></div>
  </div>`;
}

/** Loads earlier messages without moving what is visible. */
function Earlier({ threadId }) {
  const [busy, setBusy] = useState(false);
  const show = async (event) => {
    if (busy) return;
    const button = event.currentTarget;
    const scroller = button.closest(".thread");
    const below = scroller.scrollHeight - scroller.scrollTop;
    const count = messages.value[threadId].length;
    setBusy(true);
    await loadEarlier(threadId);
    setBusy(false);
    requestAnimationFrame(() => {
      scroller.scrollTop = scroller.scrollHeight - below;
      // If there are no more messages the button is gone, and with it the keyboard focus.
      if (!button.isConnected) scroller.focus({ preventScroll: true });
      const shown = (messages.value[threadId]?.length ?? 0) - count;
      if (shown > 0) announce(t("thread.earlierShown", { n: shown }));
    });
  };
  return html`<p class="centre">
    <button type="button" class="button ghost small" aria-disabled=${busy} onClick=${(event) => void show(event)}>${t("thread.earlier")}</button>
  </p>`;
}

function Content({ threadId }) {
  const list = messages.value[threadId];
  const waiting = outbox.value.filter((message) => (message.thread_id ?? NEW) === threadId);
  if (threadId === NEW && waiting.length === 0) return html`<${NewConversation} />`;
  if (threadId !== NEW && list === undefined) return html`<${Loading} threadId=${threadId} />`;
  const known = new Set((list ?? []).map((message) => message.client_id));
  return html`
    ${earlier.value[threadId] && html`<${Earlier} key=${threadId} threadId=${threadId} />`}
    ${(list ?? []).map((message) => html`<${Message} key=${message.client_id ?? message.id} message=${message} />`)}
    ${waiting
      .filter((message) => !known.has(message.client_id))
      .map((message) => html`<${UnsentMessage} key=${message.client_id} message=${message} />`)}
    ${list?.length === 0 && waiting.length === 0 && html`<p class="quiet centre">${t("thread.empty")}</p>`}
  `;
}
