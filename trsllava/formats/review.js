"use strict";
const cards = [...document.querySelectorAll("article")];
const key = "trsllava-review-" + document.body.dataset.collection;

function verdicts() {
  return cards.flatMap((card) => {
    const chosen = card.querySelector("input[type=radio]:checked");
    const note = card.querySelector(".note").value.trim();
    return chosen ? [{ tile: card.dataset.tile, text: card.dataset.text, verdict: chosen.value, note }] : [];
  });
}

function show() {
  const made = verdicts();
  for (const card of cards) {
    card.className = card.querySelector("input[type=radio]:checked")?.value ?? "";
  }
  document.getElementById("count").textContent = `${made.length} of ${cards.length} judged`;
  document.getElementById("verdicts").textContent = JSON.stringify({ verdicts: made }, null, 1);
  try { localStorage.setItem(key, JSON.stringify(made)); } catch { /* the page works without a memory */ }
}

function recall() {
  let made = [];
  try { made = JSON.parse(localStorage.getItem(key) ?? "[]"); } catch { /* nothing to recall */ }
  for (const { tile, text, verdict, note } of made) {
    const card = cards.find((other) => other.dataset.tile === tile && other.dataset.text === text);
    const choice = card?.querySelector(`input[value="${verdict}"]`);
    if (choice) { choice.checked = true; card.querySelector(".note").value = note; }
  }
}

function save() {
  show();
  const link = document.createElement("a");
  const file = new Blob([document.getElementById("verdicts").textContent], { type: "application/json" });
  link.href = URL.createObjectURL(file);
  link.download = "verdicts.json";
  link.click();
  URL.revokeObjectURL(link.href);
}

function go(step) {
  const place = Math.min(Math.max(cards.indexOf(document.activeElement.closest("article")) + step, 0), cards.length - 1);
  cards[place]?.focus();
  cards[place]?.scrollIntoView();
}

document.addEventListener("input", show);
document.getElementById("save").addEventListener("click", save);
document.addEventListener("keydown", (event) => {
  if (event.target.classList.contains("note") || event.ctrlKey || event.metaKey || event.altKey) { return; }
  if (event.key === "j") { go(1); }
  if (event.key === "k") { go(-1); }
  const value = { a: "accept", r: "reject" }[event.key];
  const card = document.activeElement.closest("article");
  if (value && card) { card.querySelector(`input[value=${value}]`).checked = true; show(); }
});
recall();
show();
