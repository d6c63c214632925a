/** What the browser keeps for one user: drafts for this tab, choices for this device. Signing out forgets all of it. */

// A full or forbidden storage costs the reader a draft, not the page.
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

function box(storage, prefix) {
  const name = (key) => `${prefix}.${key}`;
  return {
    get: (key) => attempt(() => JSON.parse(storage().getItem(name(key)))),
    set: (key, value) => attempt(() => storage().setItem(name(key), JSON.stringify(value))),
    remove: (key) => attempt(() => storage().removeItem(name(key))),
  };
}

export const device = (userId) => box(() => localStorage, `netra.${userId}`);
export const tab = (userId) => box(() => sessionStorage, `netra.${userId}`);
export const anyone = box(() => localStorage, "netra");

export function forget(userId) {
  for (const storage of [() => localStorage, () => sessionStorage]) {
    attempt(() => {
      const mine = Object.keys(storage()).filter((key) => key.startsWith(`netra.${userId}.`));
      for (const key of mine) storage().removeItem(key);
    });
  }
}
