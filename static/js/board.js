// The board. A card moved by mouse, finger or Shift and arrow asks the server for the transition:
//   POST data-transition-url  to=<data-column of the target>  version=<data-version>
// 200 with the card's HTML replaces it; HTML retargeted to #sheet-body (HX-Retarget) is a form that asks for more and is shown;
// a refusal (4xx with a sentence) slides the card back and says why.

const SLIDE = 140;
const REFUSALS = ["refused", "htmx:responseError", "htmx:sendError"];
const board = document.querySelector("[data-board]");
const columns = [...board.querySelectorAll("[data-column]")];
const sheet = document.getElementById("sheet");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let undone = null; // puts the card back whose form is open

const recount = () => {
  for (const column of columns) {
    const count = column.closest(".board-column").querySelector("[data-count]");
    if (count) count.textContent = Number(count.dataset.count) + column.querySelectorAll("[data-card]").length - Number(column.dataset.initial);
  }
};

const slide = (card, change) => {
  const from = card.getBoundingClientRect();
  change();
  const to = card.getBoundingClientRect();
  if (calm.matches) return;
  card.animate([{ transform: `translate(${from.left - to.left}px, ${from.top - to.top}px)` }, {}], { duration: SLIDE, easing: "ease-out" });
};

const ask = async (card, column, putBack) => {
  card.removeAttribute("style"); // what the dragging left; htmx would copy it as text, which the policy forbids
  const { transitionUrl: url, version, card: key } = card.dataset;
  card.classList.add("card-busy");
  let isRefused = false;
  const refuse = (event) => {
    if ((event.detail.path ?? event.detail.requestConfig.path) === url) isRefused = true;
  };
  for (const name of REFUSALS) document.addEventListener(name, refuse);
  await window.htmx.ajax("POST", url, { source: card, target: card, swap: "outerHTML", values: { to: column.dataset.column, version } }).catch(() => {});
  for (const name of REFUSALS) document.removeEventListener(name, refuse);
  card.classList.remove("card-busy");
  const now = board.querySelector(`[data-card="${CSS.escape(key)}"]`);
  if (isRefused) putBack();
  else if (sheet.open) undone = putBack;
  now?.querySelector("[data-card-link]")?.focus({ preventScroll: true });
  recount();
};

const moved = (card, column, home, next) => {
  const putBack = () => {
    const now = board.querySelector(`[data-card="${CSS.escape(card.dataset.card)}"]`);
    slide(now, () => home.insertBefore(now, next?.isConnected ? next : null));
    recount();
  };
  recount();
  ask(card, column, putBack);
};

// A card that comes back from the desk says in which state it is: it stands in the column of that state, or has left.
document.addEventListener("htmx:load", ({ detail: { elt: card } }) => {
  if (!card.matches("[data-card]")) return;
  const home = columns.find((column) => column.dataset.column === card.dataset.state);
  if (!home) card.remove();
  else if (card.parentElement !== home) slide(card, () => home.prepend(card));
  recount();
});

sheet.addEventListener("close", () => {
  if (undone && sheet.returnValue !== "done") undone();
  undone = null;
  sheet.returnValue = "";
});

for (const column of columns) {
  column.dataset.initial = column.querySelectorAll("[data-card]").length;
  let next = null;
  window.Sortable.create(column, {
    group: "board",
    draggable: "[data-card]",
    filter: ".menu",
    preventOnFilter: false,
    sort: false,
    animation: calm.matches ? 0 : SLIDE,
    delay: 200,
    delayOnTouchOnly: true,
    ghostClass: "card-ghost",
    onStart: ({ item }) => { next = item.nextElementSibling; },
    onEnd: ({ item, from, to }) => { if (from !== to) moved(item, to, from, next); },
  });
}

board.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = event.target.closest("[data-card]");
  if (!step || !card || event.target.closest(".menu")) return;
  const home = card.closest("[data-column]");
  const column = columns[columns.indexOf(home) + step];
  if (!column) return;
  event.preventDefault();
  if (!event.shiftKey) {
    column.querySelector("[data-card-link]")?.focus();
  } else if (card.dataset.transitionUrl) {
    const next = card.nextElementSibling;
    slide(card, () => column.prepend(card));
    moved(card, column, home, next);
  }
});
