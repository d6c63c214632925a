/** A box that scrolls is a stop for the keyboard; one that does not is none. */
import { useEffect } from "preact/hooks";

/** Keeps that true of the elements that `find` gives, for as long as `inputs` stay the same. */
export function useScrollStops(find, inputs) {
  useEffect(() => {
    const boxes = find();
    const sizes = new ResizeObserver(() => boxes.forEach(mark));
    boxes.forEach((box) => sizes.observe(box));
    return () => sizes.disconnect();
  }, inputs);
}

function mark(box) {
  if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}
