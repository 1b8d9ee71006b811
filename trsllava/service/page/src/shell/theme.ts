// Light or dark: as the system has it, until somebody chooses.
import { signal } from "@preact/signals";

const KEY = "trsllava-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

const current = () => localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");

/** Which of the two is shown. */
export const theme = signal("light");

export function applyTheme(): void {
  theme.value = current();
  document.documentElement.dataset.theme = theme.value;
}

export function switchTheme(): void {
  localStorage.setItem(KEY, current() === "dark" ? "light" : "dark");
  applyTheme();
}

system.addEventListener("change", applyTheme);
