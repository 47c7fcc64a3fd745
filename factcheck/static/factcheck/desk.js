// The keys of a claim's page. Everything that they do has a button; without this script the page is the same.
"use strict";

const KEYS = [
  { key: "s", command: true, selector: 'input[name="_continue"]' },
  { key: "Enter", command: true, selector: '[data-key="Enter"]' },
  { code: "KeyN", alt: true, selector: '[data-key="n"]' },
];

function isTyping(element) {
  return element.isContentEditable || element.matches('textarea, select, input:not([type="submit"], [type="checkbox"], [type="radio"])');
}

function matches(each, event) {
  const command = event.ctrlKey || event.metaKey;
  const isKey = each.code ? event.code === each.code : event.key === each.key;
  return isKey && command === Boolean(each.command) && event.altKey === Boolean(each.alt) && !event.shiftKey;
}

document.addEventListener("keydown", (event) => {
  const found = KEYS.find((each) => matches(each, event));
  // Alt and a letter writes a character on some keyboards.
  if (!found || event.repeat || event.isComposing || (found.alt && isTyping(event.target))) return;
  const target = document.querySelector(found.selector);
  if (!target) return;
  event.preventDefault();
  target.click();
});

// Whoever adds a report goes on in it.
document.addEventListener("formset:added", (event) => event.target.querySelector("summary")?.focus());

// Whoever typed and did not save is asked before they leave. Without this script a move opens in another window.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("claim_form");
  const { unsaved } = document.getElementById("moves").dataset;
  const typed = () => new URLSearchParams(new FormData(form)).toString();
  const opened = typed();
  let mayLeave = false;
  for (const moves of document.querySelectorAll("form.moves")) moves.removeAttribute("target");
  document.addEventListener("submit", (event) => {
    mayLeave = event.target === form || typed() === opened || window.confirm(unsaved);
    if (!mayLeave) event.preventDefault();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!mayLeave && typed() !== opened) event.preventDefault();
  });
});
