import { signal } from "@preact/signals";
import { anyone } from "./kept.js";

export const THEMES = ["auto", "light", "dark"];

export const theme = signal(THEMES.includes(anyone.get("theme")) ? anyone.get("theme") : "auto");

export function chooseTheme(name) {
  theme.value = name;
  anyone.set("theme", name);
  applyTheme();
}

export function applyTheme() {
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
