import { signal } from "@preact/signals";
import { useEffect, useId, useState } from "preact/hooks";
import { api } from "../api.js";
import { Icon } from "../components/icon.js";
import { html } from "../html.js";
import { loadMore } from "../state/loading.js";
import { notifyError } from "../state/notices.js";
import { more, takeOne, threadList, threads } from "../state/store.js";
import { t } from "../texts.js";
import { ThreadItem } from "./thread-item.js";

const SHOWN = 60;
const PAUSE_MS = 200;

/** {words, ids}: the server's results; ids is null while it searches. */
const search = signal({ words: "", ids: null });

export function ThreadList({ onGo }) {
  const [most, setMost] = useState(SHOWN);
  const heading = useId();
  const { words, ids } = search.value;
  const all = findThreads(words, ids);
  const goesOn = words === "" && Boolean(more.value.threads);
  const showMore = () => {
    setMost(most + SHOWN);
    if (goesOn && all.length < most + SHOWN) void loadMore("threads");
  };
  return html`<section class="group" aria-labelledby=${heading}>
    <h2 class="group-title" id=${heading}>${t("thread.list")}</h2>
    ${threadList.value.length > 0 && html`<${Search} />`}
    ${all.length === 0 && html`<p class="quiet">${t(words === "" ? "thread.none" : "thread.notFound")}</p>`}
    <ul class="items">
      ${all.slice(0, most).map((thread) => html`<${ThreadItem} key=${thread.id} thread=${thread} onGo=${onGo} />`)}
    </ul>
    ${(all.length > most || goesOn) &&
    html`<button type="button" class="button ghost small" onClick=${showMore}>
      ${goesOn ? t("list.more") : t("more", { n: all.length - most })}
    </button>`}
  </section>`;
}

/** Matches titles at once, and adds the server's matches in messages. */
function findThreads(words, ids) {
  if (words === "") return threadList.value;
  const wanted = words.toLocaleLowerCase();
  const hits = new Set(ids ?? []);
  return threadList.value.filter((one) => hits.has(one.id) || one.title.toLocaleLowerCase().includes(wanted));
}

function Search() {
  const { words } = search.value;
  useEffect(() => {
    if (words === "") return undefined;
    const timer = setTimeout(() => void searchMessages(words), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [words]);
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    search.value = { words: "", ids: null };
    event.currentTarget.blur();
  };
  return html`<div class="search">
    <${Icon} name="search" size=${16} />
    <input id="search" type="search" value=${words} placeholder=${t("thread.search")} aria-label=${t("thread.searchLabel")}
      autocomplete="off" maxlength="200" onKeyDown=${keys}
      onInput=${(event) => (search.value = { words: event.currentTarget.value.trimStart(), ids: null })} />
    <kbd aria-hidden="true">/</kbd>
  </div>`;
}

async function searchMessages(words) {
  try {
    const { results } = await api.get(`threads/?search=${encodeURIComponent(words)}`);
    for (const thread of results) if (!(thread.id in threads.peek())) takeOne("threads", thread);
    if (search.peek().words === words) search.value = { words, ids: results.map((thread) => thread.id) };
  } catch (error) {
    notifyError(error);
  }
}
