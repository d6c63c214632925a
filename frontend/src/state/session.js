/** From opening the page to a live connection: who, snapshot, socket - and what is fetched when an event says so. */
import { effect } from "@preact/signals";
import { api } from "../api.js";
import { NetraClient } from "../client.js";
import { leaveFailed, loadChoices } from "./choices.js";
import { loadConfirmed } from "./confirmed.js";
import { loadConsents } from "./consents.js";
import { loadDrafts } from "./drafts.js";
import { me } from "./me.js";
import { loadOutbox } from "./outbox.js";
import { followHistory, go, NEW, openThread } from "./route.js";
import { pump, recognise } from "./sending.js";
import { completeLogs, loadThread, meanwhile } from "./loading.js";
import { boot, connection } from "./status.js";
import { refresh, refreshEnded } from "./refreshing.js";
import { followStorage } from "./storage.js";
import { speakAs } from "./speaking.js";
import { takeEvents, takeOne, takeSnapshot } from "./store.js";
import { tell } from "./telling.js";
import { t } from "../texts.js";

const socketUrl = () => `${location.origin.replace(/^http/, "ws")}/ws/`;

/** The page's one connection. */
export const client = new NetraClient({
  url: socketUrl(),
  onEvents: heard,
  onResync: snapshot,
  onStatus: (status) => {
    connection.value = status;
  },
  words: (code, values) => t(`client.${code}`, values),
  // Somebody else signed in in another tab: what is shown here is not theirs.
  onUser: (userId) => {
    if (userId !== me.value.id) location.reload();
  },
});

export async function begin() {
  boot.value = "loading";
  try {
    const known = await api.get("me/");
    await speakAs(known.language);
    me.value = known;
    loadChoices();
    loadConfirmed();
    loadDrafts();
    loadOutbox();
    const position = await snapshot();
    leaveFailed();
    followStorage();
    client.open(position, me.value.id);
    followHistory();
    boot.value = "ready";
  } catch (error) {
    if (error.status === 401) {
      connection.value = { state: "signed_out", retryAt: null, error: null };
      await speakAs(null);
    }
    boot.value = error;
    return;
  }
  // The socket knows who it was opened for; opened anew it learns that the session is over.
  addEventListener("netra:signed-out", () => connection.value.state === "live" && client.retry());
  effect(() => void loadThread(openThread.value));
  effect(() => pump(client));
}

async function snapshot() {
  const wanted = openThread.value;
  const taken = await api.get(wanted === NEW ? "snapshot/" : `snapshot/?thread=${wanted}`).catch((error) => {
    // A conversation that is not there must not keep the others away; it is asked for again, and says so itself.
    if (error.status !== 404 || wanted === NEW) throw error;
    return api.get("snapshot/");
  });
  takeSnapshot(taken);
  completeLogs(wanted);
  void loadConsents();
  return taken.position;
}

function heard(events) {
  for (const event of events) recognise(event);
  // Before it is gone from here: what is open and not here is fetched.
  if (events.some((event) => event.type === "thread_deleted" && event.thread_id === openThread.value)) go(NEW);
  takeEvents(events);
  meanwhile(events);
  const changed = events.filter((event) => event.type === "workload_changed").map((event) => event.workload_id);
  for (const id of new Set(changed)) void refresh(`workloads/${id}/`, (log) => takeOne("workloads", log));
  if (events.some((event) => event.type === "consent_changed")) void loadConsents();
  refreshEnded(events);
  for (const event of events) tell(event);
}
