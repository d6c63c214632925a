import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const NEAR = 48;
const GAP = 12;
const QUIET_MS = 400;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const NEWS = ".turn, .ending, .run.running .agent, .run.running .call";
const OPEN_RUN = ".run.queued, .run.running, .run.waiting_approval";

/**
 * What of a conversation is in sight. While the reader leaves it alone: the end of what is under way, or the beginning
 * of the latest answer. From the first scroll or click on nothing moves any more; a pill says that there is more below.
 */
export function useFollow(scroller, threadId) {
  const below = useSignal(false);
  useEffect(() => follow(scroller.current, below), [threadId]);
  const toEnd = () => {
    below.value = false;
    scroller.current.scrollTo({ top: scroller.current.scrollHeight, behavior: calm.matches ? "instant" : "smooth" });
  };
  return { below, toEnd };
}

function follow(element, below) {
  const state = { free: false, mine: 0, seen: 0, quietUntil: 0 };
  const set = (free) => {
    state.free = free;
    // The browser's own anchoring is right for a reader who is somewhere, and in the way of what is placed here.
    element.style.overflowAnchor = free ? "auto" : "none";
  };
  const place = () => {
    const told = element.querySelectorAll(NEWS).length;
    const news = told > state.seen && performance.now() > state.quietUntil;
    state.seen = told;
    if (state.free) {
      if (news && !atEnd(element)) below.value = true;
      return;
    }
    element.scrollTop = wanted(element);
    state.mine = element.scrollTop;
  };
  const scrolled = () => {
    if (Math.abs(element.scrollTop - state.mine) <= 2) return;
    state.mine = element.scrollTop;
    set(!(atEnd(element) && element.querySelector(OPEN_RUN) !== null));
    if (atEnd(element)) below.value = false;
  };
  const clicked = () => {
    set(true);
    // What opens where the reader clicked is no news.
    state.quietUntil = performance.now() + QUIET_MS;
  };
  const sent = () => set(false);
  const sizes = new ResizeObserver(place);
  const changes = new MutationObserver(place);
  set(false);
  place();
  sizes.observe(element.firstElementChild);
  sizes.observe(element);
  changes.observe(element, { subtree: true, childList: true });
  element.addEventListener("scroll", scrolled, { passive: true });
  element.addEventListener("click", clicked, { capture: true });
  addEventListener("netra:sent", sent);
  return () => {
    sizes.disconnect();
    changes.disconnect();
    element.removeEventListener("scroll", scrolled);
    element.removeEventListener("click", clicked, { capture: true });
    removeEventListener("netra:sent", sent);
    below.value = false;
  };
}

const atEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;

function wanted(element) {
  const turns = element.querySelectorAll(".turn");
  if (turns.length === 0) return 0;
  const latest = turns[turns.length - 1];
  if (latest.querySelector(OPEN_RUN) !== null || latest.querySelector(".run") === null) return element.scrollHeight;
  return element.scrollTop + latest.getBoundingClientRect().top - element.getBoundingClientRect().top - GAP;
}
