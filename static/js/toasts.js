// Short messages: from the page, from htmx answers (HX-Trigger: {"toast": {"words", "level", "undo"}}) and from
// other scripts (a "toast" event on the document with the same detail). Faults stay until they are closed.

const STAYS = 7000;
const region = document.getElementById("toasts");
const template = document.getElementById("toast-template");

const arm = (toast) => {
  let timer = 0;
  const start = () => {
    if (toast.dataset.level !== "error") timer = setTimeout(() => toast.remove(), STAYS);
  };
  toast.addEventListener("mouseenter", () => clearTimeout(timer));
  toast.addEventListener("focusin", () => clearTimeout(timer));
  toast.addEventListener("mouseleave", start);
  toast.addEventListener("focusout", start);
  toast.querySelector(".toast-close").addEventListener("click", () => toast.remove());
  start();
};

const show = ({ words, level = "info", undo = "" }) => {
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.dataset.level = level;
  toast.querySelector(".toast-words").textContent = words;
  if (undo) Object.assign(toast.querySelector(".toast-undo"), { action: undo, hidden: false });
  region.append(toast);
  arm(toast);
};

region.querySelectorAll(".toast-note").forEach(arm);
const said = sessionStorage.getItem("toast"); // what was done before the page was loaded anew
if (said) show(JSON.parse(said));
sessionStorage.removeItem("toast");
document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("refused", (event) => show({ words: event.detail.words, level: "error" }));
document.addEventListener("htmx:responseError", () => {
  show({ words: "That did not work: something broke at the desk. Try again.", level: "error" });
});
document.addEventListener("htmx:sendError", () => {
  show({ words: "The desk cannot be reached. What you typed is still here; try again.", level: "error" });
});
