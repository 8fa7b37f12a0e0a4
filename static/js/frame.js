// Small manners of every page: menus that close, forms that know their token, sheets that open.

const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";

// A form may be older than the last sign-in; the cookie always holds the token that counts now.
document.addEventListener("submit", (event) => {
  const token = event.target.elements.csrfmiddlewaretoken;
  if (token && cookie("csrftoken")) token.value = cookie("csrftoken");
}, true);
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

// Two clicks are meant as one. What htmx sends has been taken from the browser by now, and disables its own button;
// a form whose answer leaves the page as it is can be sent again after a moment.
const MOMENT = 5_000;
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post" || event.submitter?.formTarget) return;
  if (sent.has(form)) event.preventDefault();
  sent.add(form);
  setTimeout(() => sent.delete(form), MOMENT);
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.forms) sent.delete(form);
});

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
};
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});

// On a phone the tab that one is on may lie beyond the edge of its line.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const line = tab.closest(".tabs");
  const [inside, around] = [tab.getBoundingClientRect(), line.getBoundingClientRect()];
  if (inside.right > around.right) line.scrollLeft += inside.right - around.right;
}

// <button data-opens="keys"> shows <dialog id="keys">; a click on the veil closes it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    closeMenus();
    document.getElementById(opener.dataset.opens).showModal();
  } else if (event.target.matches("dialog[open]")) {
    const { left, right, top, bottom } = event.target.getBoundingClientRect();
    const isOutside = event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
    if (isOutside) event.target.close();
  }
});

// <button data-closes="sheet"> closes it without sending the form that it stands in.
document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-closes]");
  if (closer) document.getElementById(closer.dataset.closes).close();
});

// After a part of the page was replaced the keyboard goes on from where it was (HX-Trigger-After-Settle: focus-on).
document.addEventListener("focus-on", ({ detail }) => {
  const place = document.getElementById(detail.id);
  const stop = place?.matches("a, button, input, textarea, select, [tabindex]") ? place : place?.querySelector("summary, a, button");
  stop?.focus({ preventScroll: true });
});

// What htmx puts into the sheet is shown; an answer that lands elsewhere means that it was dealt with.
document.addEventListener("htmx:afterSwap", (event) => {
  const sheet = document.getElementById("sheet");
  if (!sheet) return;
  const landedInside = sheet.contains(event.detail.target);
  if (landedInside && !sheet.open) sheet.showModal();
  if (!landedInside && sheet.open && sheet.contains(event.detail.requestConfig.elt)) sheet.close("done");
});

// Two answers would not be seen. Led to another part of the same page, a browser only scrolls; and a page that does
// not hold what the answer is to replace keeps what it showed. Both are loaded anew, and say what was done.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr } = event.detail;
  const to = xhr.getResponseHeader("HX-Redirect");
  const at = to && new URL(to, location.href);
  const isHere = at?.hash && at.href.split("#")[0] === location.href.split("#")[0];
  const place = xhr.getResponseHeader("HX-Retarget");
  if (!isHere && (!place || document.querySelector(place))) return;
  event.preventDefault();
  if (isHere) history.replaceState(null, "", at);
  const said = JSON.parse(xhr.getResponseHeader("HX-Trigger") ?? "{}").toast;
  if (said) sessionStorage.setItem("toast", JSON.stringify(said));
  location.reload();
});

// A refusal is an answer, not a fault: as JSON it is a sentence to be said (a "refused" event with words and path),
// as HTML a form or a card to be looked at again.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status < 400 || xhr.status >= 500) return;
  const type = xhr.getResponseHeader("Content-Type") ?? "";
  if (type.startsWith("text/html")) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  } else if (type.startsWith("application/json")) {
    event.detail.isError = false;
    const { detail, fields } = JSON.parse(xhr.responseText);
    const words = Object.values(fields ?? {}).flat().join(" ") || detail;
    document.dispatchEvent(new CustomEvent("refused", { detail: { words, path: requestConfig.path } }));
  }
});

const showWhatIsWrong = (root) => root.querySelector("[data-focus]")?.focus();
showWhatIsWrong(document);
document.addEventListener("htmx:afterSettle", (event) => showWhatIsWrong(event.detail.elt));

// A page that has been open for a while asks how many messages there are when it is looked at again.
const EVERY = 60_000;
let lookedAt = Date.now();
const look = () => {
  if (document.visibilityState !== "visible" || Date.now() - lookedAt < EVERY || !document.getElementById("bell")) return;
  lookedAt = Date.now();
  window.htmx.trigger("#bell", "look");
};
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);

// Offer the zone of the device where the profile says another one.
for (const offer of document.querySelectorAll("[data-device-zone]")) {
  const select = document.getElementById(offer.dataset.deviceZone);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const isKnown = [...select.options].some((option) => option.value === zone);
  offer.hidden = !isKnown || select.value === zone;
  offer.querySelector("strong").textContent = zone.replaceAll("_", " ");
  offer.querySelector("button").addEventListener("click", () => {
    select.value = zone;
    offer.hidden = true;
    select.focus();
  });
}
