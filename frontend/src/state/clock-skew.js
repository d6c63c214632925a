/** How far the server's clock is ahead of this device's, since the server's times are compared with the current time. */

// Date headers have whole seconds, and responses take a moment.
const NOTICED_MS = 2000;
let ms = 0;

/** `date` is a response's Date header. */
export function recordServerTime(date, now = Date.now()) {
  const difference = Date.parse(date) - now;
  if (!Number.isNaN(difference)) ms = Math.abs(difference) > NOTICED_MS ? difference : 0;
}

export const getServerAheadMs = () => ms;
