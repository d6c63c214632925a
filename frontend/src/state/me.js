/** Who is signed in, and what this installation allows; null until it is known. */
import { signal } from "@preact/signals";
import { device, tab } from "./kept.js";

export const me = signal(null);

/** What this user's browser keeps. Nothing is drawn before `me` is known. */
export const mine = {
  device: () => device(me.value.id),
  tab: () => tab(me.value.id),
};
