// A search for a choice names itself to nobody while nothing is chosen: give it the name of its field.
"use strict";

function nameChoices() {
  for (const shown of document.querySelectorAll(".select2-selection__rendered")) {
    shown.setAttribute("aria-label", shown.closest(".select2-selection").title);
  }
}

// Django's script has made them by then.
window.addEventListener("load", nameChoices);
document.addEventListener("formset:added", () => setTimeout(nameChoices));
