import { signal } from "@preact/signals";
import { sharedStorage } from "./browser-storage.js";

export const THEMES = ["auto", "light", "dark"];

export const theme = signal(THEMES.includes(sharedStorage.get("theme")) ? sharedStorage.get("theme") : "auto");

export function chooseTheme(name) {
  theme.value = name;
  sharedStorage.set("theme", name);
  applyTheme();
}

export function applyTheme() {
  if (theme.value === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme.value;
}
