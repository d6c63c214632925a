import { html } from "../html.js";

// Drawn on a 20 x 20 grid. Each icon is beside a word or on a control with a label.
const PATHS = {
  plus: "M10 4v12M4 10h12",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11M13 13l4 4",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  close: "M5 5l10 10M15 5L5 15",
  panel: "M3.5 4h13v12h-13zM12 4v12",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  send: "M10 16V4M5 9l5-5l5 5",
  stop: "M6 6h8v8H6z",
  check: "M4 10.5l4 4l8-9",
  cross: "M6 6l8 8M14 6l-8 8",
  dash: "M5 10h10",
  alert: "M10 3L18 16.5H2zM10 8v4M10 14.3h.01",
  clock: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14M10 6v4.3l2.8 1.7",
  file: "M5 2.5h6.5L15.5 6.5v11H5zM11 2.8V7h4.2",
  upload: "M10 13V4M6 7.5L10 3.5l4 4M4 13v3.5h12V13",
  copy: "M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7",
  again: "M15.5 7A6 6 0 1 0 16 11M16 3.5V7h-3.5",
  chevron: "M7.5 5l5 5l-5 5",
  down: "M10 4v12M5 11l5 5l5-5",
  edit: "M4 16l.8-3.4L13.5 4L16 6.5L7.4 15.2zM12 5.5L14.5 8",
  thumbUp: "M6.5 9v7.5h7.2l2.3-5.5V9h-4.5l.8-4.5h-1.6zM6.5 9H4v7.5h2.5",
  thumbDown: "M6.5 11V3.5h7.2L16 9v2h-4.5l.8 4.5h-1.6zM6.5 11H4V3.5h2.5",
  pin: "M8 3h5M8.5 3l-.5 5.5l-2.5 2.5v1h10v-1L13 8.5L12.5 3M10.5 12v5.5",
  download: "M10 3.5V12M6 8.5l4 4l4-4M4 13v3.5h12V13",
  bin: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11",
  user: "M10 3.5a3.2 3.2 0 1 0 0 6.4a3.2 3.2 0 0 0 0-6.4M3.8 16.8c.6-3.3 3-4.8 6.2-4.8s5.6 1.5 6.2 4.8",
  tool: "M12.5 3.5a4 4 0 0 0-3.6 5.7L3.5 14.6L5.4 16.5l5.4-5.4a4 4 0 0 0 5.4-5l-2.4 2.4l-2.2-2.2L14 3.9a4 4 0 0 0-1.5-.4z",
};

export function Icon({ name, size = 18 }) {
  return html`<svg class=${`icon icon-${name}`} viewBox="0 0 20 20" width=${size} height=${size} aria-hidden="true">
    <path d=${PATHS[name]} />
  </svg>`;
}
