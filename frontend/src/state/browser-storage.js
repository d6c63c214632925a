/** Browser storage for one user: drafts for this tab, choices for this device. Signing out deletes it. */

// If storage is full or blocked, the user loses a draft but the page still works.
function tryStorage(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

function box(storage, prefix) {
  const name = (key) => `${prefix}.${key}`;
  return {
    get: (key) => tryStorage(() => JSON.parse(storage().getItem(name(key)))),
    set: (key, value) => tryStorage(() => storage().setItem(name(key), JSON.stringify(value))),
    remove: (key) => tryStorage(() => storage().removeItem(name(key))),
  };
}

export const deviceStorage = (userId) => box(() => localStorage, `netra.${userId}`);
export const tabStorage = (userId) => box(() => sessionStorage, `netra.${userId}`);
export const sharedStorage = box(() => localStorage, "netra");

export function forgetUser(userId) {
  for (const storage of [() => localStorage, () => sessionStorage]) {
    tryStorage(() => {
      const keys = Object.keys(storage()).filter((key) => key.startsWith(`netra.${userId}.`));
      for (const key of keys) storage().removeItem(key);
    });
  }
}
