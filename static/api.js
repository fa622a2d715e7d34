// The page that describes the API: Swagger UI with our own document. No validator, no plugin from elsewhere.
"use strict";

const place = document.getElementById("description");
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

/** Swagger UI has dark colours of its own, under a class; the site has its theme in an attribute. */
function follow() {
  const theme = root.dataset.bsTheme;
  root.classList.toggle("dark-mode", theme === "dark" || (theme === "auto" && system.matches));
}

/** The address of an operation as words: Swagger UI makes a link of it, which stands within a button. */
function addressesAsWords() {
  return { wrapComponents: { DeepLink: (_, { React }) => ({ text }) => React.createElement("span", null, text) } };
}

/** Names and stops of the Tab key that Swagger UI leaves out, each time it has drawn something. */
function complete() {
  for (const select of place.querySelectorAll(".examples-select-element")) select.ariaLabel = "Examples";
  for (const row of place.querySelectorAll("[data-param-name]")) {
    for (const select of row.querySelectorAll("select")) select.ariaLabel = row.dataset.paramName;
  }
  for (const close of place.querySelectorAll(".close-modal")) close.ariaLabel = "Close";
  for (const apply of place.querySelectorAll(".modal-btn.authorize[aria-label]")) apply.removeAttribute("aria-label");
  for (const code of place.querySelectorAll("pre:not([tabindex])")) code.tabIndex = 0;
}

follow();
new MutationObserver(complete).observe(place, { childList: true, subtree: true });
system.addEventListener("change", follow);

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  plugins: [addressesAsWords],
  presets: [SwaggerUIBundle.presets.apis],
});
