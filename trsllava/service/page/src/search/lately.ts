// What was searched for lately in this browser.
const KEY = "trsllava-lately";
const KEPT = 8;

export function lately(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

export function remember(text: string): void {
  const said = text.trim();
  if (!said) return;
  localStorage.setItem(KEY, JSON.stringify([said, ...lately().filter((one) => one !== said)].slice(0, KEPT)));
}
