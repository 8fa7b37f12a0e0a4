// <button data-copies="secret"> copies the text of <code id="secret">.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.lastChild.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source); // where the browser refuses, Ctrl-C is one key away
  }
});
