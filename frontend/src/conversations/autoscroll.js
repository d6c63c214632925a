import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const NEAR = 48;
const GAP = 12;
const QUIET_MS = 400;
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const PROGRESS_SELECTOR = ".turn, .ending, .run.running .agent, .run.running .call";
const OPEN_RUN_SELECTOR = ".run.queued, .run.running, .run.waiting_approval";

/**
 * Decides what part of a conversation is visible. Until the user scrolls or clicks: the end of the current run, or the
 * start of the latest answer. After that nothing moves; a button says that there is more below.
 */
export function useAutoscroll(scroller, threadId) {
  const below = useSignal(false);
  useEffect(() => autoscroll(scroller.current, below), [threadId]);
  const toEnd = () => {
    below.value = false;
    scroller.current.scrollTo({ top: scroller.current.scrollHeight, behavior: reducedMotion.matches ? "instant" : "smooth" });
  };
  return { below, toEnd };
}

function autoscroll(element, below) {
  const state = { free: false, placedAt: 0, seen: 0, quietUntil: 0 };
  const set = (free) => {
    state.free = free;
    // The browser's scroll anchoring helps a user who has scrolled, and gets in the way of automatic scrolling.
    element.style.overflowAnchor = free ? "auto" : "none";
  };
  const place = () => {
    const steps = element.querySelectorAll(PROGRESS_SELECTOR).length;
    const progressed = steps > state.seen && performance.now() > state.quietUntil;
    state.seen = steps;
    if (state.free) {
      if (progressed && !isAtEnd(element)) below.value = true;
      return;
    }
    element.scrollTop = computeScrollTop(element);
    state.placedAt = element.scrollTop;
  };
  const scrolled = () => {
    if (Math.abs(element.scrollTop - state.placedAt) <= 2) return;
    state.placedAt = element.scrollTop;
    set(!(isAtEnd(element) && element.querySelector(OPEN_RUN_SELECTOR) !== null));
    if (isAtEnd(element)) below.value = false;
  };
  const clicked = () => {
    set(true);
    // What a click opens is not new progress.
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

const isAtEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;

function computeScrollTop(element) {
  const turns = element.querySelectorAll(".turn");
  if (turns.length === 0) return 0;
  const latest = turns[turns.length - 1];
  if (latest.querySelector(OPEN_RUN_SELECTOR) !== null || latest.querySelector(".run") === null) return element.scrollHeight;
  return element.scrollTop + latest.getBoundingClientRect().top - element.getBoundingClientRect().top - GAP;
}
