// Files for a comment or a report: chosen, dropped on the text, or pasted into it.

const fieldOf = (form) => form?.querySelector('input[type="file"][name="files"]');

const say = (form) => {
  const place = form.querySelector("[data-file-names]");
  if (place) place.textContent = [...fieldOf(form).files].map(({ name }) => name).join(", ");
};

const add = (form, files) => {
  const field = fieldOf(form);
  const all = new DataTransfer();
  for (const file of [...field.files, ...files]) all.items.add(file);
  field.files = all.files;
  say(form);
};

document.addEventListener("change", ({ target }) => {
  if (target.matches('input[type="file"][name="files"]')) say(target.form);
});
document.addEventListener("paste", (event) => {
  const form = event.target.form;
  const files = [...(event.clipboardData?.files ?? [])];
  if (!fieldOf(form) || !files.length) return;
  event.preventDefault();
  add(form, files);
});
document.addEventListener("dragover", (event) => {
  const form = event.target.closest?.("form");
  if (fieldOf(form) && event.dataTransfer?.types.includes("Files")) {
    event.preventDefault();
    form.classList.add("takes-drop");
  }
});
document.addEventListener("dragleave", ({ target }) => target.closest?.("form")?.classList.remove("takes-drop"));
document.addEventListener("drop", (event) => {
  const form = event.target.closest?.("form");
  const files = [...(event.dataTransfer?.files ?? [])];
  form?.classList.remove("takes-drop");
  if (!fieldOf(form) || !files.length) return;
  event.preventDefault();
  add(form, files);
});
