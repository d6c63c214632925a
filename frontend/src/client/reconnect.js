/** What a close code means for a client, and how long it waits before it reconnects. */

const LONGEST_WAIT_MS = 30_000;
const SPREAD_MS = 5_000;
const FULL_ATTEMPT = 4;

/** How long to wait before the nth attempt to reconnect: doubling, with half of it random. */
export function backoff(attempt, random = Math.random) {
  const most = Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt);
  return most / 2 + (most / 2) * random();
}

/** "signed_out" and "broken" are final; after any other code, known or not, a client comes "back". */
export function classifyClose(code) {
  if (code === 4401) return "signed_out";
  // A client whose frames are invalid, too large or too many would send them again.
  return code === 1009 || code === 4400 || code === 4413 ? "broken" : "back";
}

/** Milliseconds until the nth attempt after a socket was closed with `code`. */
export function getWaitAfter(code, attempt, random = Math.random) {
  // Permissions have changed, and the next handshake says how. Only the first attempt is immediate: they may change back and forth.
  if (code === 4403 && attempt === 0) return 0;
  // This user has too many sockets, so one of the others has to close first.
  if (code === 4429) return backoff(Math.max(attempt, FULL_ATTEMPT), random);
  // A server that stops closes all sockets at once; its clients must not all reconnect at once.
  if (code === 1012) return Math.max(backoff(attempt, random), SPREAD_MS * random());
  return backoff(attempt, random);
}
