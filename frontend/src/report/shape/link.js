/** Links in text that others wrote: only to the web or a mailbox, and always saying where they go. */

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

export const escaped = (text) => text.replace(/[&<>"']/g, (char) => ENTITIES[char]);

/** `inner` is markup that was made already. A target that is not allowed leaves only the text. */
export function link(href, inner) {
  const url = parsed(href);
  if (!url) return inner;
  const goal = escaped(url.protocol === "mailto:" ? url.pathname : url.host);
  const anchor = `<a href="${escaped(url.href)}" target="_blank" rel="noopener noreferrer nofollow">${inner}</a>`;
  return inner === goal ? anchor : `${anchor} <small>(${goal})</small>`;
}

function parsed(href) {
  try {
    const url = new URL(href);
    return SCHEMES.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
