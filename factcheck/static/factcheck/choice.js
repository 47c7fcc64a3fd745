// A choice with a search has no name of its own: it takes the title of its field.
"use strict";

// Whoever is sent to its list, which is hidden then, goes on in what stands for it.
function goOn() {
  if (document.activeElement?.matches("select.select2-hidden-accessible")) {
    document.activeElement.nextElementSibling?.querySelector(".select2-selection")?.focus();
  }
}

function nameChoices() {
  goOn();
  for (const shown of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const combobox = shown.closest(".select2-selection");
    shown.setAttribute("aria-label", combobox.title);
    combobox.setAttribute("aria-labelledby", shown.id);
  }
}

// Django's script, which may stand after this one, makes them some time after the page is there, and with every part
// that is added to it.
new MutationObserver(nameChoices).observe(document.documentElement, { childList: true, subtree: true });
document.addEventListener("focusin", goOn);
