/** Who is signed in, and what this installation allows; null until it is known. */
import { signal } from "@preact/signals";
import { deviceStorage, tabStorage } from "./browser-storage.js";

export const me = signal(null);

/** The user's storage in this browser. Nothing is drawn before `me` is known. */
export const userStorage = {
  device: () => deviceStorage(me.value.id),
  tab: () => tabStorage(me.value.id),
};
