// The items of a report, dragged into another order; the menus do the same without it.

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
  let carried = [];
  const send = async () => {
    const places = new URLSearchParams();
    for (const item of outline.querySelectorAll("[data-item]")) places.append("place", `${item.dataset.item}:${item.dataset.depth}`);
    const answer = await fetch(outline.dataset.outline, { method: "POST", body: places, headers: { "X-CSRFToken": token } });
    // Numbers and depths follow from the order; whatever was refused stands as it was.
    if (answer.ok || answer.status === 409) window.location.reload();
  };
  window.Sortable.create(outline, {
    animation: 120,
    draggable: "[data-item]",
    ghostClass: "outline-ghost",
    handle: ".outline-handle",
    onStart: ({ item }) => {
      carried = below(item, [...outline.querySelectorAll("[data-item]")]);
    },
    onEnd: ({ item, oldIndex, newIndex }) => {
      if (oldIndex === newIndex) return;
      item.after(...carried);
      send();
    },
  });
};

const begin = () => {
  const outline = document.querySelector("[data-outline]");
  if (outline) start(outline);
};
if (window.Sortable) begin();
else window.addEventListener("load", begin);
