// A search for a choice names itself to nobody while nothing is chosen: give it the name of its field.
"use strict";

function nameChoices() {
  for (const shown of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    shown.setAttribute("aria-label", shown.closest(".select2-selection").title);
  }
}

// Django's script makes them some time after the page is there, and with every part that is added to it.
new MutationObserver(nameChoices).observe(document.documentElement, { childList: true, subtree: true });
