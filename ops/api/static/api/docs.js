// Draws the OpenAPI document; whoever is signed in tries it with their session, which needs the CSRF token.
const place = document.getElementById("document");
const SAFE = ["GET", "HEAD"];

SwaggerUIBundle({
  dom_id: "#document",
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  requestInterceptor(request) {
    if (!SAFE.includes((request.method ?? "GET").toUpperCase())) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
