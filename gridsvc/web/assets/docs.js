/* Opens the API description. */
"use strict";
const api = document.getElementById("api");
SwaggerUIBundle({
  url: api.dataset.openapi,
  domNode: api,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  requestInterceptor: (request) => {
    if (api.dataset.csrf) request.headers["X-CSRF-Token"] = api.dataset.csrf;
    return request;
  },
});
