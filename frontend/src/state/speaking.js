/** Getting the page's texts in the reader's language. */
import { api } from "../api.js";
import { speak } from "../language.js";

const WRITTEN_IN = "en";

/** `language` as the server said it; null where it was not asked yet. What cannot be fetched is said in English. */
export async function speakAs(language) {
  if (language?.tag === WRITTEN_IN) return;
  const { language: spoken, texts } = await api.get("texts/").catch(() => ({ language: null, texts: {} }));
  if (spoken !== null) speak(spoken, texts);
}
