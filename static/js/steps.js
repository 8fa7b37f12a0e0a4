// The steps of a test case, row by row: an action, its data, what to expect. The text below stays what is sent and kept
// as a draft; the rows read it and write it, in the grammar of ops/acceptance/steps.py.

const PARTS = ["description", "test_data", "expected"];
const BEGINS = /^ {0,2}\d{1,3}[.)](?:\s+(.*))?$/;
const PART = /^\s*(test data|data|expected result|expected|expect)\s*:\s*(.*)$/i;

// Returns the rows that a text holds, or null where it cannot be read as steps.
const read = (text) => {
  const rows = [];
  let part = null;
  for (const line of text.split(/\r?\n/)) {
    const begins = line.match(BEGINS);
    const named = line.match(PART);
    if (begins) {
      rows.push({ description: [begins[1] ?? ""], test_data: [], expected: [] });
      part = rows.at(-1).description;
    } else if (!rows.length) {
      if (line.trim()) return null;
    } else if (named) {
      part = named[1].toLowerCase().includes("data") ? rows.at(-1).test_data : rows.at(-1).expected;
      part.push(named[2]);
    } else {
      part.push(line.trim());
    }
  }
  return rows.map((row) => Object.fromEntries(PARTS.map((name) => [name, row[name].join("\n").trim()])));
};

const lines = (head, text) => {
  const [first, ...rest] = text.trim().split(/\r?\n/);
  return [`${head} ${first}`, ...rest.map((line) => (line.trim() ? `   ${line}` : ""))];
};
const write = (rows) =>
  rows
    .filter((row) => PARTS.some((name) => row[name].trim()))
    .flatMap((row, at) => [
      ...lines(`${at + 1}.`, row.description),
      ...(row.test_data.trim() ? lines("   Data:", row.test_data) : []),
      ...(row.expected.trim() ? lines("   Expect:", row.expected) : []),
    ])
    .join("\n");

// What a spreadsheet puts on the clipboard: cells between tabulators, in quotes where they hold a line break.
const cellsOf = (text) => {
  const rows = [[]];
  const cell = /("(?:[^"]|"")*"|[^\t\n]*)(\t|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [, words, end] = cell.exec(text) ?? [null, text.slice(cell.lastIndex), ""];
    rows.at(-1).push(words.startsWith('"') ? words.slice(1, -1).replaceAll('""', '"') : words.trim());
    if (end === "") break;
    if (end !== "\t") rows.push([]);
  }
  return rows.filter((row) => row.some((words) => words));
};
const isNumber = (words) => /^(step\s*)?\d{1,3}[.)]?$/i.test(words);
const isHead = (words) => /^(#|no\.?|number|step|action|description|what to do)$/i.test(words);
// An action and what to expect; three columns have the data between them; a column of numbers counts for nothing.
const pasted = (text) => {
  let rows = cellsOf(text.replaceAll("\r\n", "\n"));
  if (rows.length > 1 && isHead(rows[0][0])) rows = rows.slice(1);
  if (rows.every((row) => row[0] === "" || isNumber(row[0]))) rows = rows.map((row) => row.slice(1));
  const hasData = rows.some((row) => row.length > 2);
  return rows.map(([description = "", second = "", third = "", ...rest]) => ({
    description,
    test_data: hasData ? second : "",
    expected: hasData ? [third, ...rest].filter(Boolean).join("\n") : second,
  }));
};

class Rows {
  constructor(place) {
    this.place = place;
    this.text = place.querySelector("textarea");
    this.template = place.querySelector("template");
    this.tools = place.querySelector(".steps-tools");
    this.switch = this.tools.querySelector("[data-act=switch]");
    this.list = document.createElement("ol");
    this.list.className = "step-rows";
    this.list.setAttribute("aria-label", "Steps");
    this.text.after(this.list);
    this.show(read(this.text.value));
    place.addEventListener("input", ({ target }) => target.dataset.part && this.keep());
    place.addEventListener("click", ({ target }) => this.act(target.closest("[data-act]")));
    place.addEventListener("keydown", (event) => this.key(event));
    place.addEventListener("paste", (event) => this.paste(event));
    this.drag();
    // The summary of what is wrong leads to the text; that is here now.
    document.addEventListener("click", (event) => {
      if (this.list.hidden || !event.target.closest?.(`a[href="#${this.text.id}"], label[for="${this.text.id}"]`)) return;
      event.preventDefault();
      (this.list.querySelector("[aria-invalid]") ?? this.list.querySelector("textarea")).focus();
    });
  }

  get items() {
    return [...this.list.children];
  }

  get rows() {
    return this.items.map((item) => Object.fromEntries(this.parts(item).map((part) => [part.dataset.part, part.value])));
  }

  parts(item) {
    return [...item.querySelectorAll("[data-part]")];
  }

  // Shows the rows, or the text where there are none to show because it cannot be read.
  show(rows) {
    this.list.hidden = rows === null;
    this.text.hidden = rows !== null;
    this.tools.querySelector("[data-act=add]").hidden = rows === null;
    this.place.querySelector("[data-rows-help]").hidden = rows === null;
    const textHelp = document.getElementById(`${this.text.id}_helptext`);
    if (textHelp) textHelp.hidden = rows !== null;
    this.switch.textContent = rows === null ? "Write in rows" : "Write as text";
    this.list.replaceChildren(...(rows ?? []).map((row) => this.item(row)));
    if (rows?.length === 0) this.list.append(this.item());
    this.number();
  }

  item(row = {}) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    for (const part of this.parts(item)) part.value = row[part.dataset.part] ?? "";
    const [what, ...others] = this.parts(item);
    if (this.place.closest(".field-wrong") && !what.value && others.some((part) => part.value)) what.ariaInvalid = "true";
    return item;
  }

  number() {
    this.items.forEach((item, at) => {
      item.querySelector(".step-row-number").textContent = at + 1;
      item.setAttribute("aria-label", `Step ${at + 1}`);
      item.querySelector("[data-act=up]").disabled = at === 0;
      item.querySelector("[data-act=down]").disabled = at === this.items.length - 1;
    });
  }

  // The text follows; whoever keeps drafts hears of it as if it had been typed.
  keep() {
    this.number();
    this.text.value = write(this.rows);
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  say(words, undo = null) {
    this.tools.querySelector("[role=status]").textContent = words;
    this.undo = undo;
    this.tools.querySelector("[data-act=undo]").hidden = !undo;
  }

  act(button) {
    if (!button) return;
    const item = button.closest(".step-row");
    const acts = {
      add: () => this.add(this.items.at(-1)),
      down: () => this.move(item, 1, button),
      remove: () => this.remove(item),
      switch: () => this.turn(),
      undo: () => this.undo?.(),
      up: () => this.move(item, -1, button),
    };
    acts[button.dataset.act]();
  }

  add(after) {
    const item = this.item();
    if (after) after.after(item);
    else this.list.append(item);
    this.keep();
    this.say("");
    this.parts(item)[0].focus();
  }

  move(item, by, focus) {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(item);
    else other.after(item);
    this.keep();
    this.say(`Now step ${this.items.indexOf(item) + 1}.`);
    (focus.disabled ? this.parts(item)[0] : focus).focus();
  }

  remove(item) {
    const at = this.items.indexOf(item);
    item.remove();
    if (!this.items.length) this.list.append(this.item());
    this.keep();
    this.parts(this.items[Math.min(at, this.items.length - 1)])[0].focus();
    this.say(`Step ${at + 1} is removed.`, () => {
      this.list.insertBefore(item, this.items[at] ?? null);
      this.keep();
      this.say("");
      this.parts(item)[0].focus();
    });
  }

  turn() {
    if (!this.list.hidden) {
      this.show(null);
      this.text.focus();
      return;
    }
    const rows = read(this.text.value);
    if (rows === null) return this.say("Begin each step with its number, like “1. Open the Portal”; then there are rows.");
    this.say("");
    this.show(rows);
    this.parts(this.items[0])[0].focus();
  }

  key(event) {
    const item = event.target.dataset.part && event.target.closest(".step-row");
    if (!item || !event.altKey || event.ctrlKey || event.metaKey) return;
    const acts = {
      ArrowDown: () => this.move(item, 1, event.target),
      ArrowUp: () => this.move(item, -1, event.target),
      Enter: () => this.add(item),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  paste(event) {
    const words = event.clipboardData?.getData("text/plain") ?? "";
    const item = event.target.dataset.part && event.target.closest(".step-row");
    if (!item || !words.includes("\t")) return;
    const rows = pasted(words);
    if (!rows.length) return;
    event.preventDefault();
    const items = rows.map((row) => this.item(row));
    item.after(...items);
    if (this.parts(item).every((part) => !part.value.trim())) item.remove();
    this.keep();
    this.parts(items.at(-1))[0].focus();
    this.say(`${rows.length} step${rows.length === 1 ? "" : "s"} pasted.`, () => {
      items[0].before(item);
      for (const each of items) each.remove();
      this.keep();
      this.say("");
    });
  }

  drag() {
    let carried = null;
    this.list.addEventListener("dragstart", (event) => {
      carried = event.target.closest?.(".step-row-handle")?.closest(".step-row") ?? null;
      if (!carried) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(carried, 12, 12);
      carried.classList.add("is-carried");
    });
    this.list.addEventListener("dragover", (event) => {
      if (!carried) return;
      event.preventDefault();
      const over = event.target.closest(".step-row");
      if (!over || over === carried) return;
      const { top, height } = over.getBoundingClientRect();
      if (event.clientY < top + height / 2) over.before(carried);
      else over.after(carried);
    });
    this.list.addEventListener("dragend", () => {
      if (!carried) return;
      carried.classList.remove("is-carried");
      carried = null;
      this.keep();
    });
  }
}

const known = new WeakSet();
const start = (root) => {
  for (const place of root.querySelectorAll("[data-steps]")) {
    if (known.has(place)) continue;
    known.add(place);
    new Rows(place);
  }
};
start(document);
document.addEventListener("htmx:load", ({ detail }) => start(detail.elt.parentNode ?? document));
