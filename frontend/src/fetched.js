/** Fetches JSON of the API when its place on the page comes near the screen. */
import { useEffect, useState } from "preact/hooks";
import { api } from "./api.js";

const SLOW_MS = 2000;
const NEAR = "800px";

/**
 * {found: {state: "waiting" | "slow" | "here" | "failed", data, why}, again()}. `place` is a ref to an element that is shown
 * while it is not "here"; without a `path` nothing is fetched.
 */
export function useFetched(path, place) {
  const [found, setFound] = useState({ state: "waiting" });
  const [round, setRound] = useState(0);
  useEffect(() => {
    setFound({ state: "waiting" });
    return path === null ? undefined : whenNear(place.current, () => fetchJson(path, setFound));
  }, [path, round]);
  return { found, again: () => setRound(round + 1) };
}

/** Calls `start` once `element` is near the screen. Returns a function that stops both. */
function whenNear(element, start) {
  let stop = null;
  const seen = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    seen.disconnect();
    stop = start();
  }, { rootMargin: NEAR });
  seen.observe(element);
  return () => {
    seen.disconnect();
    stop?.();
  };
}

function fetchJson(path, onState) {
  let wanted = true;
  const slow = setTimeout(() => onState({ state: "slow" }), SLOW_MS);
  const end = (found) => {
    clearTimeout(slow);
    if (wanted) onState(found);
  };
  api.get(path).then(
    (data) => end({ state: "here", data }),
    (error) => end({ state: "failed", why: error.message }),
  );
  return () => {
    wanted = false;
    clearTimeout(slow);
  };
}
