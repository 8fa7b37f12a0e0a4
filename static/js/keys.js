// The keyboard: rows and cards are walked with j and k, places have keys (data-keys), “?” lists them all.

const SWITCH = "single-keys";
const sheet = document.getElementById("keys");
const pause = 900; // between the two keys of “g h”
let before = "";
let beforeAt = 0;

const isTyping = (target) => target.closest("input, select, textarea, [contenteditable], dialog") !== null;
const isOn = () => localStorage.getItem(SWITCH) !== "off";
const isShown = (element) => element.checkVisibility();

const walk = (step) => {
  const stops = [...document.querySelectorAll("[data-row], [data-card-link]")].filter(isShown);
  const at = stops.indexOf(document.activeElement);
  const next = at < 0 ? stops[0] : stops[at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
};

const pick = () => {
  const box = document.activeElement.closest("tr")?.querySelector("[data-pick]");
  if (box) box.click();
};

const placeFor = (keys) => [...document.querySelectorAll("[data-keys]")].find((place) => place.dataset.keys === keys);

const single = {
  j: () => walk(1),
  k: () => walk(-1),
  x: pick,
  "/": () => document.getElementById("search")?.focus(),
  "?": () => sheet?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !isOn()) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!document.activeElement.matches("[data-row]")) return;
    event.preventDefault();
    walk(event.key === "ArrowDown" ? 1 : -1);
    return;
  }
  const pair = event.timeStamp - beforeAt < pause ? `${before} ${event.key}` : "";
  [before, beforeAt] = [event.key, event.timeStamp];
  const place = placeFor(pair) ?? placeFor(event.key);
  if (place || single[event.key]) event.preventDefault();
  if (place) place.click();
  else single[event.key]?.();
});

// Coming back from a ticket, the list stands where it was left.
const LEFT = `row:${location.pathname}${location.search}`;
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) sessionStorage.setItem(LEFT, row.getAttribute("href"));
});
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  const href = sessionStorage.getItem(LEFT);
  if (href) document.querySelector(`[data-row][href="${CSS.escape(href)}"]`)?.focus();
}

// Selecting a stretch of rows: the last box with Shift takes those between along.
const recount = (form) => {
  const boxes = [...form.querySelectorAll("[data-pick]")];
  const picked = boxes.filter((each) => each.checked).length;
  const count = form.querySelector("[data-picked]");
  if (count) count.textContent = picked;
  const all = form.querySelector("[data-pick-all]");
  if (all) [all.checked, all.indeterminate] = [picked === boxes.length, picked > 0 && picked < boxes.length];
};
let lastBox = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick]");
  if (!box) return;
  const boxes = [...box.form.querySelectorAll("[data-pick]")];
  const [from, to] = [boxes.indexOf(lastBox), boxes.indexOf(box)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) boxes.slice(from, to).forEach((each) => { each.checked = box.checked; });
  lastBox = box;
  recount(box.form);
});
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-pick-all]")) return;
  target.form.querySelectorAll("[data-pick]").forEach((each) => { each.checked = target.checked; });
  recount(target.form);
});

// Enter in a field of the bar beneath means the button beside it.
document.addEventListener("keydown", (event) => {
  const part = event.key === "Enter" && event.target.closest(".bulk-part");
  if (!part || event.defaultPrevented || !event.target.matches("input")) return;
  event.preventDefault();
  part.querySelector("button").click();
});

// The list behind “?”.
if (sheet) {
  const places = sheet.querySelector("#keys-places");
  for (const place of document.querySelectorAll("[data-keys]")) {
    const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
    for (const key of place.dataset.keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = key;
      term.append(cap, " ");
    }
    meaning.textContent = (place.querySelector(".place-label") ?? place).textContent.trim();
    places.append(term, meaning);
  }
  const single = sheet.querySelector("#keys-single");
  single.checked = isOn();
  single.addEventListener("change", () => localStorage.setItem(SWITCH, single.checked ? "on" : "off"));
}
