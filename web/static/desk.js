// The agent's desk: clocks that run, notes that are not lost, buttons that leave the page alone.
// Without scripts every form of it works as a form does.
"use strict";
const refused = document.getElementById("refused");

function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const rest = String(s % 60).padStart(2, "0");
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

function put(one, text) {
  if (one.textContent !== text) one.textContent = text; // a change wakes the observer below
}

function tick() {
  const now = Date.now() / 1000 - Number(document.body.dataset.ahead || 0);
  for (const one of document.querySelectorAll("time[data-since]")) put(one, span(now - one.dataset.since));
  for (const one of document.querySelectorAll("time[data-until]")) {
    const left = one.dataset.until - now;
    put(one, span(left));
    one.classList.toggle("soon", left < 30);
  }
}

function fill(root) {
  for (const one of root.querySelectorAll("[data-draft]")) {
    const kept = sessionStorage.getItem(one.dataset.draft);
    if (kept && !one.value) one.value = kept;
  }
}

document.addEventListener("input", (event) => {
  const name = event.target.dataset.draft;
  if (name) sessionStorage.setItem(name, event.target.value);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.dataset.withCall !== undefined) {
    const call = document.querySelector("#work input[name=call]");
    form.elements.call.value = call ? call.value : "";
  }
  if (form.dataset.into) {
    event.preventDefault();
    const answer = await fetch(`${form.dataset.from}?${new URLSearchParams(new FormData(form))}`);
    if (answer.ok) document.getElementById(form.dataset.into).innerHTML = await answer.text();
    return;
  }
  if (form.dataset.quiet === undefined) return;
  event.preventDefault();
  const sent = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body: sent, headers: { "X-Quiet": "1" } });
  if (answer.status === 401 || answer.status === 403) location.reload();
  refused.textContent = answer.ok ? "" : await answer.text();
  refused.hidden = answer.ok;
  if (answer.ok && form.dataset.done) event.submitter.textContent = form.dataset.done;
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-insert]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copy || button.dataset.insert).textContent;
  if (button.dataset.insert) {
    const note = document.getElementById("note");
    if (!note) return;
    note.value = `${note.value}${note.value ? "\n" : ""}${text}`;
    note.dispatchEvent(new Event("input", { bubbles: true }));
    note.focus();
    return;
  }
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
  }
});

new MutationObserver(() => { tick(); fill(document); }).observe(document.querySelector("main"), { childList: true, subtree: true });
setInterval(tick, 1000);
tick();
fill(document);
