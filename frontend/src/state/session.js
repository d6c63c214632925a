/** From opening the page to a live connection: texts in the user's language, the user, the snapshot and the socket. */
import { effect } from "@preact/signals";
import { api } from "../api.js";
import { NetraClient } from "../client/index.js";
import { setLanguage } from "../language.js";
import { t } from "../texts.js";
import { dropFailedChoice, loadChoices, loadConfirmed } from "./choices.js";
import { loadConsents } from "./consents.js";
import { loadDrafts } from "./drafts.js";
import { loadMissingLogs, loadThread, recordPending, refresh, refreshEnded } from "./loading.js";
import { me } from "./me.js";
import { announceEvent } from "./notices.js";
import { loadOutbox, sendPending, settleFromEvent } from "./outbox.js";
import { go, NEW, openThread } from "./route.js";
import { boot, connection } from "./status.js";
import { followStorage } from "./storage-quota.js";
import { takeEvents, takeOne, takeSnapshot } from "./store.js";

const WRITTEN_IN = "en";

/** The page's one connection. */
export const client = new NetraClient({
  url: socketUrl(),
  onEvents: applyEvents,
  onResync: loadSnapshot,
  onStatus: (status) => {
    connection.value = status;
  },
  words: (code, values) => t(`client.${code}`, values),
  // Another user signed in in another tab and must not see this page.
  onUser: (userId) => {
    if (userId !== me.value.id) location.reload();
  },
});

export async function startSession() {
  boot.value = "loading";
  try {
    const known = await api.get("me/");
    await loadTexts(known.language);
    me.value = known;
    loadChoices();
    loadConfirmed();
    loadDrafts();
    loadOutbox();
    const position = await loadSnapshot();
    dropFailedChoice();
    followStorage();
    client.open(position, me.value.id);
    boot.value = "ready";
  } catch (error) {
    if (error.status === 401) {
      connection.value = { state: "signed_out", retryAt: null, error: null };
      await loadTexts(null);
    }
    boot.value = error;
    return;
  }
  // A new socket learns that the session has ended.
  addEventListener("netra:signed-out", () => connection.value.state === "live" && client.retry());
  effect(() => void loadThread(openThread.value));
  effect(() => sendPending(client));
}

async function loadSnapshot() {
  const wanted = openThread.value;
  const taken = await api.get(wanted === NEW ? "snapshot/" : `snapshot/?thread=${wanted}`).catch((error) => {
    // A deleted conversation must not block the others. It is requested again and shows its own error.
    if (error.status !== 404 || wanted === NEW) throw error;
    return api.get("snapshot/");
  });
  takeSnapshot(taken);
  loadMissingLogs(wanted);
  void loadConsents();
  return taken.position;
}

function applyEvents(events) {
  for (const event of events) settleFromEvent(event);
  // Before it is removed from the state, because an open conversation that is missing is fetched.
  if (events.some((event) => event.type === "thread_deleted" && event.thread_id === openThread.value)) go(NEW);
  takeEvents(events);
  recordPending(events);
  // How far a log's reading is comes with the event itself.
  const changed = events.filter((event) => event.type === "workload_changed" && !event.progress).map((event) => event.workload_id);
  for (const id of new Set(changed)) void refresh(`workloads/${id}/`, (log) => takeOne("workloads", log));
  if (events.some((event) => event.type === "consent_changed")) void loadConsents();
  refreshEnded(events);
  for (const event of events) announceEvent(event);
}

/** `language`: from the server; null if not known yet. Texts that can't be fetched stay in English. */
async function loadTexts(language) {
  if (language?.tag === WRITTEN_IN) return;
  const { language: spoken, texts } = await api.get("texts/").catch(() => ({ language: null, texts: {} }));
  if (spoken !== null) setLanguage(spoken, texts);
}

function socketUrl() {
  return `${location.origin.replace(/^http/, "ws")}/ws/`;
}
