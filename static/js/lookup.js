// Fields in which people, products, tickets or labels are named by typing: the desk completes them.
//   <input data-lookup="user">            one name; data-many="true" takes several, with commas
//   <textarea data-mentions>              the word after an @ is completed
// What is found comes from /lookup/<sort>/?q=…, as [{value, label, hint}].

const WAIT = 120;
const NEEDS_LETTERS = new Set(["ticket", "issue"]);
let open = null; // {field, list, chosen}
let timer = 0;
let asked = 0;

const sortOf = (field) => (field.matches("[data-mentions]") ? "user" : field.dataset.lookup);
const isMany = (field) => field.dataset.many === "true";

// The part that is being typed: where it begins, and what it is.
const partOf = (field) => {
  const upTo = field.value.slice(0, field.selectionStart ?? field.value.length);
  if (field.matches("[data-mentions]")) {
    const found = upTo.match(/(?:^|[\s(])@([\w.+-]{0,40})$/);
    return found ? { from: upTo.length - found[1].length, words: found[1] } : null;
  }
  if (!isMany(field)) return { from: 0, words: field.value.trim() };
  const from = upTo.match(/[^,;\s]*$/).index;
  return { from, words: upTo.slice(from) };
};

const close = () => {
  if (!open) return;
  open.field.setAttribute("aria-expanded", "false");
  open.field.removeAttribute("aria-activedescendant");
  open.list.remove();
  open = null;
};

const choose = (item) => {
  for (const each of open.list.children) each.setAttribute("aria-selected", String(each === item));
  open.chosen = item;
  if (item) {
    open.field.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  } else {
    open.field.removeAttribute("aria-activedescendant");
  }
};

const take = (item) => {
  const { field } = open;
  const part = partOf(field);
  const isText = field.matches("[data-mentions]");
  if (part) {
    const end = isText || isMany(field) ? part.from + part.words.length : field.value.length;
    const after = isText ? " " : isMany(field) ? ", " : "";
    field.setRangeText(item.dataset.value + after, part.from, end, "end");
  }
  close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  clearTimeout(timer);
};

const place = (field, list) => {
  const box = field.getBoundingClientRect();
  const home = field.closest("dialog") ?? document.body;
  home.append(list);
  const width = Math.min(Math.max(box.width, 260), innerWidth - 16);
  list.style.width = `${width}px`;
  list.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  const below = innerHeight - box.bottom;
  if (below < 220 && box.top > below) list.style.bottom = `${innerHeight - box.top + 4}px`;
  else list.style.top = `${box.bottom + 4}px`;
};

const show = (field, matches, isAsked) => {
  close();
  if (!matches.length || document.activeElement !== field) return;
  const list = document.createElement("ul");
  list.className = "lookup";
  list.id = "lookup-list";
  list.role = "listbox";
  list.setAttribute("aria-label", "Completions");
  matches.forEach(({ value, label, hint }, n) => {
    const item = document.createElement("li");
    item.id = `lookup-${n}`;
    item.role = "option";
    item.dataset.value = value;
    item.setAttribute("aria-selected", "false");
    const words = document.createElement("span");
    words.className = "lookup-label";
    words.textContent = label;
    const name = document.createElement("span");
    name.className = "lookup-hint";
    name.textContent = [value === label ? "" : value, hint].filter(Boolean).join(" · ");
    item.append(words, name);
    list.append(item);
  });
  place(field, list);
  field.setAttribute("aria-expanded", "true");
  open = { field, list, chosen: null };
  if (isAsked) choose(list.firstElementChild);
};

// A name that nobody has is said while it is typed. Labels may be new, addresses are no names.
const showNone = (field, words) => {
  close();
  if (document.activeElement !== field) return;
  const note = document.createElement("p");
  note.className = "lookup quiet";
  note.role = "status";
  note.textContent = `Nothing here is called “${words}”.`;
  place(field, note);
  open = { field, list: note, chosen: null };
};
const mustBeKnown = (field, words) =>
  words && !words.includes("@") && sortOf(field) !== "label" && field.matches("input") && !isMany(field);

const ask = async (field, { fromStart = false } = {}) => {
  const part = fromStart ? { from: 0, words: "" } : partOf(field);
  const needed = NEEDS_LETTERS.has(sortOf(field)) ? 2 : 0;
  if (!part || part.words.length < needed || /^(me|none)$/.test(part.words)) {
    close();
    return;
  }
  const question = (asked += 1);
  const answer = await fetch(`/lookup/${sortOf(field)}/?q=${encodeURIComponent(part.words)}`, {
    headers: { Accept: "application/json" },
  }).catch(() => null);
  if (question !== asked || !answer?.ok) return;
  const matches = await answer.json();
  const isTyped = matches.length === 1 && matches[0].value === part.words;
  if (!matches.length && mustBeKnown(field, part.words)) showNone(field, part.words);
  else show(field, isTyped ? [] : matches, part.words !== "");
};

const prepare = (field) => {
  if (field.hasAttribute("aria-autocomplete")) return;
  field.setAttribute("aria-autocomplete", "list");
  if (field.matches("textarea")) return;
  field.role = "combobox";
  field.setAttribute("aria-expanded", "false");
  field.setAttribute("aria-controls", "lookup-list");
  field.spellcheck = false;
  field.autocapitalize = "none";
};
const isLookup = (target) => target.matches?.("[data-lookup], [data-mentions]");
const prepareAll = (root) => root.querySelectorAll("[data-lookup], [data-mentions]").forEach(prepare);
prepareAll(document);
document.addEventListener("htmx:load", ({ detail }) => prepareAll(detail.elt));

document.addEventListener("input", ({ target }) => {
  if (!isLookup(target)) return;
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT, target);
});
// Coming to a field with one name, the name is selected, and what else could stand there is offered.
document.addEventListener("focusin", ({ target }) => {
  if (!isLookup(target) || !target.matches("input") || isMany(target)) return;
  target.select();
  if (!NEEDS_LETTERS.has(sortOf(target))) ask(target, { fromStart: true });
});
document.addEventListener("focusout", ({ target }) => {
  if (open?.field === target) close();
});
document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.field) return;
  const { key } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    const step = key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    const edge = key === "ArrowDown" ? open.list.firstElementChild : open.list.lastElementChild;
    choose(open.chosen ? open.chosen[step] : edge);
  } else if ((key === "Enter" || key === "Tab") && open.chosen) {
    take(open.chosen);
    if (key === "Tab") return;
  } else if (key === "Escape") {
    close();
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
}, true);
// Pressing on the list must not take the focus away from the field.
document.addEventListener("mousedown", (event) => {
  const item = event.target.closest(".lookup [role=option]");
  if (!item || !open) return;
  event.preventDefault();
  take(item);
});
addEventListener("scroll", ({ target }) => { if (open && !open.list.contains(target)) close(); }, { capture: true, passive: true });
