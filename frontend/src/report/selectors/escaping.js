/** Makes text from logs and models safe to show: hidden characters become visible, and links say where they lead. */

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

export function showHiddenCharacters(text) {
  return text.replace(HIDDEN, (char) => `\\u${char.codePointAt(0).toString(16).padStart(4, "0")}`);
}

export const escapeHtml = (text) => text.replace(/[&<>"']/g, (char) => ENTITIES[char]);

/** `inner` is rendered markup. A link to a target that is not allowed becomes plain text. */
export function renderLink(href, inner) {
  const url = parseUrl(href);
  if (!url) return inner;
  const goal = escapeHtml(url.protocol === "mailto:" ? url.pathname : url.host);
  const anchor = `<a href="${escapeHtml(url.href)}" target="_blank" rel="noopener noreferrer nofollow">${inner}</a>`;
  return inner === goal ? anchor : `${anchor} <small>(${goal})</small>`;
}

function parseUrl(href) {
  try {
    const url = new URL(href);
    return SCHEMES.has(url.protocol) ? url : null;
  } catch {
    return null;
  }
}
