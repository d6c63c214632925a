/** Administrators' requests for access to the user's conversations. Fetched when an event says that they changed. */
import { signal } from "@preact/signals";
import { api } from "../api.js";
import { notifyError } from "./notices.js";

/** [{id, operator, thread_id, why, state, expires_at, uses}], newest first. */
export const consents = signal([]);

export async function loadConsents() {
  try {
    consents.value = (await api.get("consents/")).results;
  } catch (error) {
    notifyError(error);
  }
}

/** `how`: give (for some hours), decline or withdraw. */
export async function answerConsent(id, how, body = {}) {
  try {
    await api.post(`consents/${id}/${how}/`, body);
  } catch (error) {
    notifyError(error);
  }
  await loadConsents();
}
