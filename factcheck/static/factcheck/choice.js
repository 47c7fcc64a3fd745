// A choice with a search has no name of its own: it takes the title of its field.
"use strict";

function nameChoices() {
  for (const shown of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const combobox = shown.closest(".select2-selection");
    shown.setAttribute("aria-label", combobox.title);
    combobox.setAttribute("aria-labelledby", shown.id);
  }
}

// Django's script, which may stand after this one, makes them some time after the page is there, and with every part
// that is added to it.
new MutationObserver(nameChoices).observe(document.documentElement, { childList: true, subtree: true });
