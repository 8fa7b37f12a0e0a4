// Ctrl-K: go anywhere by typing. Its entries are the links of the page that carry data-command, tickets by key, what
// the server suggests (GET data-suggest?q= answers [{label, url, kind}]), and a search for whatever was typed.

const KEY = /^[a-z]{2,5}-\d+$/i;
const WAIT = 120;
const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
let suggested = [];
let timer = 0;

const places = () => {
  const byUrl = new Map();
  for (const link of document.querySelectorAll("a[data-command]")) {
    const label = (link.querySelector(".place-label") ?? link).textContent.trim();
    if (!byUrl.has(link.href)) byUrl.set(link.href, { label, url: link.href, kind: "Page", icon: link.querySelector(".icon") });
  }
  return [...byUrl.values()];
};

const search = (words, label) => ({ label, url: `${palette.dataset.search}?q=${encodeURIComponent(words)}`, kind: "Search" });

const matches = (words) => {
  const parts = words.toLowerCase().split(/\s+/);
  const fitting = places().filter(({ label }) => parts.every((part) => label.toLowerCase().includes(part)));
  if (!palette.dataset.search || !words) return fitting;
  const key = KEY.test(words) ? [search(words.toUpperCase(), `Open ${words.toUpperCase()}`)] : [];
  return [...key, ...fitting, ...suggested, search(words, `Search for “${words}”`)];
};

const choose = (item) => {
  for (const each of list.children) each.setAttribute("aria-selected", String(each === item));
  if (item) {
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
};
const chosen = () => list.querySelector('[aria-selected="true"]');

const draw = () => {
  const items = matches(input.value.trim()).map(({ label, url, kind, icon }, n) => {
    const item = document.createElement("li");
    item.id = `palette-${n}`;
    item.role = "option";
    item.dataset.url = url;
    const words = document.createElement("span");
    words.textContent = label;
    const sort = document.createElement("span");
    sort.className = "palette-kind";
    sort.textContent = kind;
    item.append(...(icon ? [icon.cloneNode(true)] : []), words, sort);
    return item;
  });
  list.replaceChildren(...items);
  choose(items[0]);
};

const suggest = async () => {
  const words = input.value.trim();
  if (!palette.dataset.suggest || words.length < 2) {
    suggested = [];
    return;
  }
  const answer = await fetch(`${palette.dataset.suggest}?q=${encodeURIComponent(words)}`, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (answer?.ok && input.value.trim() === words) {
    suggested = await answer.json();
    draw();
  }
};

const go = () => {
  if (chosen()) location.assign(chosen().dataset.url);
};

if (palette) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    input.value = "";
    suggested = [];
    draw();
    if (!palette.open) palette.showModal();
    input.focus();
  });
  input.addEventListener("input", () => {
    suggested = [];
    draw();
    clearTimeout(timer);
    timer = setTimeout(suggest, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) {
      event.preventDefault();
      choose(chosen()?.[step] ?? chosen());
    } else if (event.key === "Enter") {
      event.preventDefault();
      go();
    }
  });
  list.addEventListener("click", (event) => {
    choose(event.target.closest("li"));
    go();
  });
}
