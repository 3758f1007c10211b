// Buttons act on the town, the town's state comes back as events; nothing is shown before it is so.
import { Presence } from "./sound.js";

const words = JSON.parse(document.body.dataset.words);
const connection = document.getElementById("connection");
const cards = [...document.querySelectorAll(".party")];
const newest = new Map();

const presence = new Presence({
  heard: (card, decibels) => {
    card.querySelector(".heard").value = Math.max(0, 60 + decibels);
  },
  told: (card, word) => {
    card.querySelector(".mic").textContent = word ? words[word] : "";
  },
  moved: (here) => {
    for (const card of cards) {
      const button = card.querySelector("[data-be]");
      const present = card === here;
      card.classList.toggle("here", present);
      button.setAttribute("aria-pressed", String(present));
      button.textContent = words[present ? "leave" : "be-here"];
      if (!present) card.querySelector(".heard").value = 0;
    }
  },
});

async function act(card, request) {
  const problem = card.querySelector(".problem");
  let refused = "town-away";
  try {
    const answer = await fetch(document.body.dataset.act, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ who: card.dataset.party, ...request }),
    });
    const said = await answer.json();
    refused = "refused" in said ? said.id : "";
  } catch {
    // the sentence for a town that is away fits
  }
  problem.textContent = refused ? (words[refused] ?? words.unknown) : "";
}

function press(card, key) {
  if (card.querySelector("[data-key]").disabled) return;
  const rotary = card.querySelector("[data-rotary]");
  if (rotary?.checked) {
    if (/\d/.test(key)) act(card, { do: "pulses", digits: key });
  } else act(card, { do: "press", keys: key });
}

function farEnd(card) {
  const form = card.querySelector("[data-far]");
  const seconds = form.seconds.valueAsNumber;
  act(card, {
    do: "far_end",
    answer_after_ms: form.by_hand.checked || Number.isNaN(seconds) ? null : seconds * 1000,
    busy: form.busy.checked,
    reversal: form.reversal.checked,
  });
}

for (const card of cards) {
  card.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.key) press(card, button.dataset.key);
    else if ("be" in button.dataset) presence.toggle(card);
    else if (button.dataset.do === "hang_up")
      act(card, { do: "hang_up", by: card.querySelector("[data-by]").value });
    else if (button.dataset.do) act(card, { do: button.dataset.do });
  });
  card.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, summary")) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (/^[0-9*#]$/.test(event.key)) {
      event.preventDefault();
      press(card, event.key);
    }
  });
  card.querySelector("[data-call]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    act(card, {
      do: "call",
      number: form.number.value,
      caller_name: form.caller_name.value,
      caller_id: form.caller_id.value,
      kind: form.withhold.checked ? "private" : "number",
    });
  });
  card.querySelector("[data-far]")?.addEventListener("submit", (event) => event.preventDefault());
  card.querySelector("[data-far]")?.addEventListener("change", () => farEnd(card));
}

// --- what the town says -------------------------------------------------------------------------

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function shown(identity) {
  if (!identity) return "";
  if (identity.kind !== "number") return words[identity.kind];
  return identity.name ? `${identity.number} ${identity.name}` : identity.number;
}

function measured(state) {
  return `${state.voltage_v.toFixed(1)} V  ${state.current_ma.toFixed(1)} mA`;
}

function allow(card, selector, permitted) {
  for (const button of card.querySelectorAll(selector)) button.disabled = !permitted;
}

function showTelephone(card, state) {
  const word = state.off_hook ? "off-hook" : state.ringing ? "ringing" : "on-hook";
  put(card.querySelector(".state"), words[word]);
  card.dataset.state = word;
  card.classList.toggle("burst", state.in_burst);
  put(card.querySelector(".display"), shown(state.shown));
  put(card.querySelector(".measured"), measured(state));
  allow(card, "[data-do=lift]", !state.off_hook);
  allow(card, "[data-do=replace], [data-do=flash], [data-key]", state.off_hook);
}

function showLine(card, state) {
  put(card.querySelector(".state"), words[state.state]);
  card.dataset.state = state.state;
  card.classList.toggle("burst", state.ringing);
  put(card.querySelector(".display"), state.digits);
  put(card.querySelector(".measured"), measured(state));
  allow(card, "[data-call] [type=submit]", state.state === "idle" && !state.seized);
  allow(card, "[data-do=hang_up]", ["alerting", "proceeding", "talking"].includes(state.state));
  allow(card, "[data-key]", state.state === "talking");
  card.querySelector("[data-do=far_answers]").hidden = state.state !== "proceeding";
  showFar(card.querySelector("[data-far]"), state.far);
}

function showFar(form, far) {
  if (form.contains(document.activeElement)) return;
  form.by_hand.checked = far.answer_after_ms === null;
  if (far.answer_after_ms !== null) form.seconds.value = far.answer_after_ms / 1000;
  form.busy.checked = far.busy;
  form.reversal.checked = far.reversal;
}

function show(state) {
  if (state.away) {
    tell("town-away", false);
    for (const card of cards) allow(card, "[data-do], [data-key], [type=submit]", false);
    return;
  }
  tell("live", true);
  for (const one of [...state.telephones, ...state.lines]) newest.set(one.name, one);
  for (const card of cards) {
    const one = newest.get(card.dataset.party);
    if (!one) continue;
    (card.classList.contains("telephone") ? showTelephone : showLine)(card, one);
  }
}

function tell(word, ok) {
  put(connection, words[word]);
  connection.className = ok ? "ok" : "lost";
}

const source = new EventSource(document.body.dataset.live);
source.addEventListener("message", (event) => show(JSON.parse(event.data)));
source.addEventListener("error", () => tell("lost", false));
