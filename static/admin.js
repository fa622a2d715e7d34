// The Django admin: secrets are copied; select2's boxes are named.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    // Browsers let pages without HTTPS copy nothing: then it is selected, to be copied by hand.
    if (!navigator.clipboard) return;
    await navigator.clipboard.writeText(field.value);
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.copied;
  });
}

// select2 names its box after the value, so one without a value would have no name.

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
