// Keys that work everywhere on the page. What belongs to one place (the grid, the viewer) listens there.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const KEPT = "trsllava-single-keys";

/** Keys that print a character act by themselves. Whoever dictates, or often hits a key by mistake, can switch that
 * off (WCAG 2.1.4). */
export const singleKeys = signal(localStorage.getItem(KEPT) !== "off");

export function switchSingleKeys(on: boolean): void {
  localStorage.setItem(KEPT, on ? "on" : "off");
  singleKeys.value = on;
}

/** Call `act` for a key that is pressed while nobody types and no other key is held. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const latest = useRef(keys);
  latest.current = keys; // keys may follow each other faster than effects run
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) && event.key !== "Escape") return;
      if (event.key.length === 1 && !singleKeys.peek()) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const textual = target instanceof HTMLInputElement && !["range", "checkbox", "radio", "button"].includes(target.type);
  return textual || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
