/** What a close code asks of a client, and how long it waits before it comes back. */

const LONGEST_WAIT_MS = 30_000;
const SPREAD_MS = 5_000;
const FULL_ATTEMPT = 4;

/** How long to wait before the nth attempt to come back: doubling, half of it by chance. */
export function backoff(attempt, random = Math.random) {
  const most = Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt);
  return most / 2 + (most / 2) * random();
}

/** "signed_out" and "broken" are final; after anything else, known or not, a client comes "back". */
export function fateOf(code) {
  if (code === 4401) return "signed_out";
  // Whoever sends frames that are none, or too large or too many, would send them again.
  return code === 1009 || code === 4400 || code === 4413 ? "broken" : "back";
}

/** Milliseconds until the nth attempt after a socket was closed with `code`. */
export function waitAfter(code, attempt, random = Math.random) {
  // Authority has changed; the next handshake says to what. Only once at once: it may change back and forth.
  if (code === 4403 && attempt === 0) return 0;
  // This user has too many sockets: one of the others has to go first.
  if (code === 4429) return backoff(Math.max(attempt, FULL_ATTEMPT), random);
  // A server that stops sends everybody away in the same moment, and the next one must not meet them all in one.
  if (code === 1012) return Math.max(backoff(attempt, random), SPREAD_MS * random());
  return backoff(attempt, random);
}
