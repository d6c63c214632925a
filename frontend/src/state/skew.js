/** How far the server's clock is ahead of this device's: its times are compared with the present. Pure but for one number. */

// Its answers tell whole seconds, and take a moment.
const NOTICED_MS = 2000;
let ms = 0;

/** `date` is an answer's Date header. */
export function heardTime(date, now = Date.now()) {
  const difference = Date.parse(date) - now;
  if (!Number.isNaN(difference)) ms = Math.abs(difference) > NOTICED_MS ? difference : 0;
}

export const ahead = () => ms;
