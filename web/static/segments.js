// How many short messages a text will be, while it is typed. The rules are those of the box
// (3GPP TS 23.038 and 23.040): a test has both count the same texts. Without scripts the page
// says it once the text is sent.
"use strict";
const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENSION = "\f^{}\\[~]|€"; // an escape and a character each
const WHOLE = { gsm: 160, ucs2: 70 };
const PART = { gsm: 153, ucs2: 67 };
const JOINED = /^[\p{M}\u200d\u{1f3fb}-\u{1f3ff}]$/u; // belongs to the character before it

function weight(text, gsm) {
  if (!gsm) return text.length;
  let sum = 0;
  for (const character of text) sum += EXTENSION.includes(character) ? 2 : 1;
  return sum;
}

function wholes(text) {
  const out = [];
  for (const character of text) {
    const last = out[out.length - 1];
    if (out.length && (JOINED.test(character) || last.endsWith("\u200d"))) out[out.length - 1] += character;
    else out.push(character);
  }
  return out;
}

// Units of the text, and how many messages it needs.
function segments(text) {
  const gsm = [...text].every((c) => BASIC.includes(c) || EXTENSION.includes(c));
  const coding = gsm ? "gsm" : "ucs2";
  const units = weight(text, gsm);
  if (units <= WHOLE[coding]) return { units, messages: 1 };
  let messages = 0;
  let used = PART[coding];
  for (const whole of wholes(text)) {
    for (const piece of weight(whole, gsm) <= PART[coding] ? [whole] : [...whole]) {
      const size = weight(piece, gsm);
      if (used + size > PART[coding]) {
        messages += 1;
        used = 0;
      }
      used += size;
    }
  }
  return { units, messages };
}

// As a form sends it and the box reads it: lines end by two characters in a form, by one here.
function told(place, text) {
  const { units, messages } = segments(text);
  return place.dataset.words.replace("{units}", units).replace("{n}", messages);
}

function count(place) {
  const field = document.getElementById(place.dataset.segmentsOf);
  if (!field.value.trim()) return;
  if (place.dataset.rows === undefined) {
    place.textContent = told(place, field.value.trim());
    return;
  }
  // A row: its name, then the text in each language.
  const rows = field.value.replaceAll("；", ";").split("\n").filter((line) => line.trim());
  place.textContent = rows
    .map((line) => line.split(";").map((part) => part.trim()))
    .map(([name, ...texts]) => `${name}: ${texts.filter(Boolean).map((text) => told(place, text)).join(" / ")}`)
    .join(" · ");
}

for (const place of document.querySelectorAll("[data-segments-of]")) {
  document.getElementById(place.dataset.segmentsOf).addEventListener("input", () => count(place));
  count(place);
}
