// Doing a test beside the tested site. What is said about a step is saved at once; what cannot be sent stays in this
// browser and is sent when the desk can be reached again, also after the page was closed.

const run = document.querySelector("[data-run]");
const PAUSE = 700; // after the last key
const FIRST_WAIT = 2000; // after a failure, then twice as long every time
const LONGEST_WAIT = 30000;
const SHOW = "run-show";
const forms = [...run.querySelectorAll("form[data-step]")];
const timers = new WeakMap();
const waits = new WeakMap();
const sending = new WeakSet();

const cookie = (name) => document.cookie.match(`(?:^|; )${name}=([^;]*)`)?.[1] ?? "";
const placeOf = (form) => `run:${run.dataset.reader}:${run.dataset.run}:${form.dataset.step}`;
const stepOf = (form) => form.closest(".run-step");
const textOf = (form) => ({ outcome: form.elements.outcome.value, actual: form.elements.actual.value });
const labelOf = (form, outcome) => form.querySelector(`[data-outcome="${outcome}"] span`)?.firstChild.textContent.trim();
const isSame = (one, other) => one.outcome === other.outcome && one.actual === other.actual;

const say = (form, words, tone = "") => {
  const place = form.querySelector("[data-saved]");
  place.textContent = words;
  place.dataset.tone = tone;
};

// -- What waits in this browser ------------------------------------------------------------------------------------

const remember = (form) => {
  const left = { ...textOf(form), seen: form.elements.seen.value };
  try {
    localStorage.setItem(placeOf(form), JSON.stringify(left));
  } catch {
    // Full, or switched off: then only this page has it, and says so before it is left.
  }
};
const remembered = (form) => {
  try {
    return JSON.parse(localStorage.getItem(placeOf(form)));
  } catch {
    return null;
  }
};
const forget = (form) => localStorage.removeItem(placeOf(form));

// -- Saving ---------------------------------------------------------------------------------------------------------

const later = (form, delay) => {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => save(form), delay));
};

const tryAgain = (form, words) => {
  const wait = Math.min((waits.get(form) ?? FIRST_WAIT / 2) * 2, LONGEST_WAIT);
  waits.set(form, wait);
  say(form, words, "attention");
  later(form, wait);
};

const post = (address, body, options = {}) =>
  fetch(address, {
    method: "POST",
    body,
    redirect: "manual", // to the sign-in, when the session has ended
    headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") },
    ...options,
  });

// One after the other: the answer to a save says what the next one has before its eyes.
const save = async (form, { closing = false } = {}) => {
  clearTimeout(timers.get(form));
  timers.delete(form);
  if (sending.has(form)) return later(form, PAUSE);
  sending.add(form);
  const sent = textOf(form);
  say(form, "Saving…");
  try {
    const body = new FormData(form);
    body.delete("files");
    body.delete("csrfmiddlewaretoken"); // the cookie has the one of the latest sign-in, wherever that was
    await understand(form, await post(form.action, body, { keepalive: closing }), sent);
  } catch {
    tryAgain(form, "Not saved yet: the desk cannot be reached. It is kept in this browser.");
  } finally {
    sending.delete(form);
  }
};

const understand = async (form, answer, sent) => {
  if (answer.type === "opaqueredirect") {
    say(form, "Not saved yet: you are signed out. It is kept in this browser; sign in in another tab.", "attention");
    later(form, LONGEST_WAIT);
    return;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    waits.delete(form);
    form.elements.seen.value = told.seen;
    if (isSame(sent, textOf(form))) forget(form);
    else later(form, PAUSE);
    draw(form, told);
  } else if (told.theirs) {
    disagree(form, told);
  } else if (answer.status >= 500) {
    tryAgain(form, "Not saved yet: something broke at the desk. It is kept in this browser.");
  } else {
    say(form, told.detail ?? "It could not be saved.", "bad");
  }
};

const draw = (form, told) => {
  say(form, told.words, "good");
  const step = stepOf(form);
  step.dataset.outcomeNow = told.outcome;
  for (const link of step.querySelectorAll("[data-for-failed]")) link.hidden = !told.is_bad;
  count();
  window.htmx.trigger("#run-end", "saved");
};

const count = () => {
  const done = forms.filter((form) => form.elements.outcome.value).length;
  run.querySelector("[data-run-meter]").value = done;
  run.querySelector("[data-run-done]").textContent = done;
};

// Somebody else has said something about the same step since this page was drawn: nothing is written over.
const disagree = (form, { detail, theirs }) => {
  say(form, detail, "bad");
  const box = form.querySelector("[data-theirs]");
  box.hidden = false;
  box.querySelector("[data-theirs-words]").textContent = theirs.words;
  box.querySelector("[data-keep-mine]").onclick = () => {
    box.hidden = true;
    form.elements.seen.value = theirs.seen;
    save(form);
  };
  box.querySelector("[data-take-theirs]").onclick = () => {
    box.hidden = true;
    form.elements.seen.value = theirs.seen;
    form.elements.outcome.value = theirs.outcome;
    form.elements.actual.value = theirs.actual;
    forget(form);
    draw(form, { ...theirs, words: "Theirs stands." });
  };
};

run.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!forms.includes(form) || target.type === "file") return;
  remember(form);
  later(form, target.type === "radio" ? 0 : PAUSE);
});
run.addEventListener("submit", (event) => {
  if (!forms.includes(event.target)) return;
  event.preventDefault();
  save(event.target);
});
window.addEventListener("online", () => forms.filter((form) => remembered(form)).forEach((form) => save(form)));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") forms.filter((form) => timers.has(form)).forEach((form) => save(form, { closing: true }));
});
// Back from another tab, perhaps from signing in: what waits is sent at once.
window.addEventListener("focus", () => forms.filter((form) => remembered(form)).forEach((form) => save(form)));

// What an earlier visit could not send stands in its step again, and is sent.
for (const form of forms) {
  const left = remembered(form);
  if (!left) continue;
  if (isSame(left, textOf(form))) {
    forget(form);
    continue;
  }
  if (run.dataset.closed) {
    const words = [labelOf(form, left.outcome), left.actual].filter(Boolean).join(". ");
    say(form, `Typed in this browser and never sent: ${words}`, "attention");
    continue;
  }
  form.elements.outcome.value = left.outcome;
  form.elements.actual.value = left.actual;
  form.elements.seen.value = left.seen;
  save(form);
}

// -- Evidence: chosen, dropped, or pasted as a screenshot -----------------------------------------------------------

const unsent = new Set();

const upload = async (form, file, line) => {
  const body = new FormData();
  body.append("file", file, file.name);
  unsent.add(line);
  try {
    const answer = await post(form.dataset.evidenceUrl, body);
    if (answer.type === "opaqueredirect") throw new Error("signed out");
    if (answer.status >= 500) throw new Error("broken");
    const told = await answer.json();
    unsent.delete(line);
    line.replaceChildren(answer.ok ? shown(told) : Object.assign(document.createElement("span"), { textContent: told.detail }));
    line.dataset.tone = answer.ok ? "" : "bad";
  } catch {
    line.textContent = `${file.name}: not sent yet; trying again`;
    setTimeout(() => upload(form, file, line), FIRST_WAIT * 2);
  }
};

const shown = ({ name, url, is_image: isImage }) => {
  const link = Object.assign(document.createElement("a"), { href: url, className: "evidence" });
  link.append(isImage ? Object.assign(document.createElement("img"), { src: url, alt: name }) : name);
  return link;
};

const named = (file, at) => (file.name && file.name !== "image.png" ? file : new File([file], `screenshot-${at}.png`, { type: file.type }));

const add = (form, files) => {
  const list = form.querySelector("[data-evidence]");
  for (const file of files) {
    const at = new Date().toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
    const line = Object.assign(document.createElement("li"), { textContent: `${file.name || "Screenshot"}: sending…` });
    list.append(line);
    upload(form, named(file, at), line);
  }
};

run.addEventListener("change", ({ target }) => {
  if (target.type !== "file" || !forms.includes(target.form)) return;
  add(target.form, [...target.files]);
  target.value = "";
});
document.addEventListener("paste", (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const form = forms.includes(event.target.form) ? event.target.form : here();
  // A spreadsheet brings a picture of its cells besides their text: where one types, the text is meant.
  const isText = event.target.matches?.("textarea, input") && event.clipboardData.types.includes("text/plain");
  if (!files.length || isText || !form || run.dataset.closed) return;
  event.preventDefault();
  add(form, files);
});
run.addEventListener("dragover", (event) => {
  if (event.target.closest("form[data-step]") && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
run.addEventListener("drop", (event) => {
  const form = event.target.closest("form[data-step]");
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!form || !files.length) return;
  event.preventDefault();
  add(form, files);
});
window.addEventListener("beforeunload", (event) => {
  if (unsent.size) event.preventDefault();
});

// -- One step at a time, or all ---------------------------------------------------------------------------------------

const isOne = () => run.dataset.show === "one";
let at = Math.max(0, forms.findIndex((form) => form.dataset.step === (location.hash.slice(6) || run.dataset.at)));
const here = () => forms[at];

const showOnly = ({ focus = false } = {}) => {
  forms.forEach((form, n) => {
    stepOf(form).hidden = isOne() && n !== at;
    stepOf(form).toggleAttribute("data-here", n === at);
  });
  for (const each of run.querySelectorAll("[data-go]")) each.disabled = !forms[at + Number(each.dataset.go)];
  if (!focus || !here()) return;
  stepOf(here()).scrollIntoView({ block: "nearest" });
  stepOf(here()).querySelector("h2").focus({ preventScroll: true });
  history.replaceState(null, "", `#step-${here().dataset.step}`);
};
const go = (by) => {
  if (!forms[at + by]) return;
  at += by;
  showOnly({ focus: true });
};
const show = (how) => {
  run.dataset.show = how;
  localStorage.setItem(SHOW, how);
  for (const each of run.querySelectorAll("[data-show-as]")) each.setAttribute("aria-pressed", each.dataset.showAs === how);
  showOnly();
};

run.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-go], [data-show-as]");
  if (button?.dataset.go) go(Number(button.dataset.go));
  if (button?.dataset.showAs) show(button.dataset.showAs);
});
run.addEventListener("focusin", ({ target }) => {
  const n = forms.indexOf(target.closest("form[data-step]"));
  if (n >= 0 && n !== at) {
    at = n;
    showOnly();
  }
});

// The number of an outcome says it of the step that one is at; Control and Enter in the text goes on to the next.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && forms.includes(event.target.form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    save(event.target.form);
    go(1);
    return;
  }
  const isTyping = event.target.closest("input:not([type=radio]), select, textarea, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("single-keys") === "off") return;
  const choice = here()?.querySelectorAll('input[name="outcome"]')[Number(event.key) - 1];
  if (!choice || choice.disabled || choice.checked) return;
  event.preventDefault();
  choice.click();
}, true);

if (forms.length) show(localStorage.getItem(SHOW) ?? "one");
