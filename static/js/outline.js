// The items of a report, dragged into another order; the menus do the same by keyboard.

const depthOf = (item) => Number(item.dataset.depth);

// What lies below an item goes with it: the items behind it that are deeper.
const below = (item, items) => {
  const at = items.indexOf(item);
  const found = [];
  for (const next of items.slice(at + 1)) {
    if (depthOf(next) <= depthOf(item)) break;
    found.push(next);
  }
  return found;
};

const start = (outline) => {
  const token = outline.querySelector("[name=csrfmiddlewaretoken]").value;
  const items = () => [...outline.querySelectorAll("[data-item]")];
  let before = [];
  let carried = [];
  const send = async () => {
    const places = new URLSearchParams();
    for (const item of items()) places.append("place", `${item.dataset.item}:${item.dataset.depth}`);
    const options = { method: "POST", body: places, headers: { "X-CSRFToken": token } };
    const answer = await fetch(outline.dataset.outline, options).catch(() => null);
    // Numbers follow from the order, and so does what somebody else has done meanwhile.
    if (answer?.ok) return window.location.reload();
    for (const [item, depth] of before) {
      item.dataset.depth = depth;
      outline.append(item);
    }
    const detail = { words: "The order was not saved; it is as it was. Try again.", level: "error" };
    return document.dispatchEvent(new CustomEvent("toast", { detail }));
  };
  window.Sortable.create(outline, {
    animation: 120,
    draggable: "[data-item]",
    ghostClass: "outline-ghost",
    handle: ".outline-handle",
    onStart: ({ item }) => {
      before = items().map((each) => [each, depthOf(each)]);
      carried = below(item, items());
    },
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex === newIndex) return;
      item.after(...carried);
      // Dropped among what lies below another, it lies there as well.
      const next = items()[items().indexOf(item) + carried.length + 1];
      const deeper = next ? Math.max(depthOf(next) - depthOf(item), 0) : 0;
      for (const each of [item, ...carried]) each.dataset.depth = depthOf(each) + deeper;
      send();
    },
  });
};

const begin = () => {
  const outline = document.querySelector("[data-outline]");
  if (!outline) return;
  start(outline);
  // After a move by its menu, the keyboard goes on from that menu.
  if (window.location.hash) outline.querySelector(`${window.location.hash} .menu > summary`)?.focus();
};
// Once all is there: before, the browser takes the focus away again when it goes to the place in the address.
if (document.readyState === "complete") begin();
else window.addEventListener("load", () => setTimeout(begin));
