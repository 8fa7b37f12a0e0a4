// Text is kept on the server while it is typed. A form takes part by holding {% draft_field "…" %}.

const PAUSE = 1500; // after the last key
const AGAIN = 15000; // after a failure
const timers = new WeakMap();
const running = new WeakMap();

const say = (form, words) => {
  const place = form.querySelector("[data-kept]");
  if (place) place.textContent = words;
};

const textOf = (form) => {
  const fields = new FormData(form);
  for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
  return fields;
};

const sentenceOf = async (answer) => (await answer.json().catch(() => null))?.detail ?? "the desk could not keep it.";

const keep = async (form, { closing = false } = {}) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
  running.get(form)?.abort();
  const request = new AbortController();
  running.set(form, request);
  try {
    const answer = await fetch(form.elements.draft.dataset.keepUrl, {
      method: "POST",
      body: textOf(form),
      headers: { Accept: "application/json" },
      keepalive: closing,
      signal: closing ? undefined : request.signal,
    });
    say(form, answer.ok ? "Draft kept" : `Not kept: ${await sentenceOf(answer)}`);
  } catch (problem) {
    if (problem.name === "AbortError") return;
    say(form, "Not kept: the desk cannot be reached. Trying again.");
    schedule(form, AGAIN);
  }
};

const schedule = (form, delay) => {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => keep(form), delay));
};

document.addEventListener("input", ({ target }) => {
  if (!target.form?.elements.draft) return;
  say(target.form, "");
  schedule(target.form, PAUSE);
});

// What is being sent is no draft any more; the server forgets it when the form has been carried out.
document.addEventListener("submit", ({ target }) => {
  clearTimeout(timers.get(target));
  timers.delete(target);
  running.get(target)?.abort();
});

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "hidden") return;
  for (const form of document.forms) if (timers.has(form)) keep(form, { closing: true });
});
