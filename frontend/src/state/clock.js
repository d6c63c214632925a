/** The time, for durations that run: ticking only while somebody looks. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ahead } from "./skew.js";

const now = signal(Date.now());
const TICK_MS = 200;
let lookers = 0;
let timer = 0;

/** The present in milliseconds; redraws the caller several times a second while `running`. */
export function useNow(running) {
  useEffect(() => {
    if (!running) return undefined;
    if (lookers === 0) timer = setInterval(() => (now.value = Date.now()), TICK_MS);
    lookers += 1;
    return () => {
      lookers -= 1;
      if (lookers === 0) clearInterval(timer);
    };
  }, [running]);
  return running ? Math.max(now.value, Date.now()) : Date.now();
}

/** The same by the server's clock, which its times are of. */
export const useServerNow = (running) => useNow(running) + ahead();
