/** Which conversation is open: "#/<thread id>", or a new one. */
import { signal } from "@preact/signals";

export const NEW = "new";

function read() {
  const found = /^#\/([0-9a-f-]{36})$/i.exec(location.hash);
  return found ? found[1].toLowerCase() : NEW;
}

export const openThread = signal(read());

export function go(threadId) {
  const hash = threadId === NEW ? "#/" : `#/${threadId}`;
  if (location.hash !== hash) history.pushState(null, "", hash);
  openThread.value = threadId;
}

export function followHistory() {
  const change = () => {
    openThread.value = read();
  };
  addEventListener("popstate", change);
  addEventListener("hashchange", change);
}
