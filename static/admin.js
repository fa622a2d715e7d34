// The Django admin: select2 names its box after the value, so one without a value would have no name.
"use strict";

// jQuery calls in turn: the boxes are there by now.
window.django?.jQuery?.(() => {
  for (const field of document.querySelectorAll("select.admin-autocomplete")) {
    const [label] = field.labels;
    if (!label) continue;
    label.id ||= `${field.id}-label`;
    for (const part of field.parentElement.querySelectorAll("[role=combobox], .select2-selection__rendered")) {
      part.setAttribute("aria-labelledby", label.id);
    }
  }
});
