// The page that describes the API: Swagger UI with our own document. No validator, no plugin from elsewhere.
"use strict";

const place = document.getElementById("description");

SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
});
