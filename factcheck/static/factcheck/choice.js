// A choice with a search has no name of its own: it takes that of its field's label.
"use strict";

(function ($) {
  function name(select) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const box = select.nextElementSibling;
    const combobox = box?.querySelector('[role="combobox"]');
    const chosen = box?.querySelector('[role="textbox"]');
    if (!label || !combobox || !chosen) return;
    label.id = label.id || `${select.id}_label`;
    chosen.setAttribute("aria-labelledby", label.id);
    combobox.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
  }

  const all = (root) => root.querySelectorAll("select.admin-autocomplete").forEach(name);
  $(() => all(document));
  document.addEventListener("formset:added", (event) => all(event.target));
})(django.jQuery);
