/** Printing: everything unfolded for as long as it takes, and alone on the paper if the report asked for it. */
import { useEffect } from "preact/hooks";

/** Opens the folds inside `place` whenever the browser prints, and closes them again. */
export function useUnfolded(place) {
  useEffect(() => {
    const opened = new Set();
    const unfold = () => {
      for (const fold of place.current?.querySelectorAll("details:not([open])") ?? []) {
        fold.open = true;
        opened.add(fold);
      }
    };
    const refold = () => {
      for (const fold of opened) fold.open = false;
      opened.clear();
    };
    addEventListener("beforeprint", unfold);
    addEventListener("afterprint", refold);
    return () => {
      removeEventListener("beforeprint", unfold);
      removeEventListener("afterprint", refold);
    };
  }, []);
}

/** Prints `element` alone. */
export function printAlone(element) {
  element.classList.add("rp-alone");
  addEventListener("afterprint", () => element.classList.remove("rp-alone"), { once: true });
  print();
}
