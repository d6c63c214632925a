/** The current time, for running durations. It ticks only while a component uses it. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { getServerAheadMs } from "./clock-skew.js";

const now = signal(Date.now());
const TICK_MS = 200;
let watchers = 0;
let timer = 0;

/** The current time in milliseconds; redraws the component several times a second while `running`. */
export function useNow(running) {
  useEffect(() => {
    if (!running) return undefined;
    if (watchers === 0) timer = setInterval(() => (now.value = Date.now()), TICK_MS);
    watchers += 1;
    return () => {
      watchers -= 1;
      if (watchers === 0) clearInterval(timer);
    };
  }, [running]);
  return running ? Math.max(now.value, Date.now()) : Date.now();
}

/** The same by the server's clock. */
export const useServerNow = (running) => useNow(running) + getServerAheadMs();
