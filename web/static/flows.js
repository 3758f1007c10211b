// Menus: boxes are chosen and moved, what is typed is checked. All the rest works without this.
"use strict";
(() => {
  const form = document.getElementById("flow");
  const drawing = document.getElementById("drawing");
  if (!form || !drawing) return;
  const step = Number(drawing.dataset.step);
  const width = Number(drawing.dataset.width);
  const height = Number(drawing.dataset.height);
  const MOVED_PX = 4;
  const CHECK_MS = 400;
  const boxes = new Map();
  const places = {};
  let sent = false;
  let dirty = form.dataset.dirty === "yes";

  for (const box of drawing.querySelectorAll(".step")) {
    const [x, y] = box.getAttribute("transform").match(/-?\d+/g).map(Number);
    boxes.set(box.dataset.node, { box, x, y });
  }

  // The same rule as line_path in drawing.py.
  function path(source, target, at) {
    const begin = source.x + 14 + 22 * (at % 7);
    const bottom = source.y + height;
    const x = target.x + width / 2;
    const y = target.y;
    const label = [begin + 3, bottom + 12 + 11 * (at % 3)];
    if (y > bottom) {
      const bend = Math.max(30, Math.floor((y - bottom) / 2));
      return [`M${begin} ${bottom} C${begin} ${bottom + bend} ${x} ${y - bend} ${x} ${y}`, label];
    }
    const side = Math.max(source.x, target.x) + width + 50;
    const middle = y + height / 2;
    const right = target.x + width;
    return [
      `M${begin} ${bottom} C${begin} ${bottom + 60} ${side} ${bottom + 40} ${side} ${bottom - 20} ` +
        `S${side} ${middle} ${right} ${middle}`,
      label,
    ];
  }

  function draw() {
    const leaving = new Map();
    for (const way of drawing.querySelectorAll(".way")) {
      const from = way.dataset.from;
      const at = leaving.get(from) || 0;
      leaving.set(from, at + 1);
      const [d, [x, y]] = path(boxes.get(from), boxes.get(way.dataset.to), at);
      way.querySelector("path").setAttribute("d", d);
      const text = way.querySelector("text");
      text.setAttribute("x", x);
      text.setAttribute("y", y);
    }
    let right = 0;
    let bottom = 0;
    for (const { x, y } of boxes.values()) {
      right = Math.max(right, x + width + 100);
      bottom = Math.max(bottom, y + height + 40);
    }
    drawing.setAttribute("width", right);
    drawing.setAttribute("height", bottom);
    drawing.setAttribute("viewBox", `0 0 ${right} ${bottom}`);
  }

  function move(name, x, y) {
    const one = boxes.get(name);
    one.x = Math.max(0, Math.round(x / step)) * step;
    one.y = Math.max(0, Math.round(y / step)) * step;
    one.box.setAttribute("transform", `translate(${one.x} ${one.y})`);
    // Once somebody moves one box, the others stay where they are as well.
    for (const [node, place] of boxes) places[node] = [place.x / step, place.y / step];
    form.elements.places.value = JSON.stringify(places);
    dirty = true;
    draw();
  }

  function open(name) {
    const button = document.createElement("button");
    button.name = "do";
    button.value = `open:${name}`;
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  }

  function light(name) {
    for (const way of drawing.querySelectorAll(".way")) {
      way.classList.toggle("lit", way.dataset.from === name || way.dataset.to === name);
    }
  }

  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  for (const [name, one] of boxes) {
    let held = null;
    one.box.addEventListener("keydown", (event) => {
      const way = KEYS[event.key];
      if (way) {
        event.preventDefault();
        move(name, one.x + way[0] * step, one.y + way[1] * step);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        open(name);
      }
    });
    one.box.addEventListener("focus", () => light(name));
    one.box.addEventListener("pointerenter", () => light(name));
    one.box.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      held = { x: event.clientX, y: event.clientY, from: [one.x, one.y], moved: false };
      // A finger scrolls the sheet; a mouse or a pen moves the box.
      if (event.pointerType !== "touch") one.box.setPointerCapture(event.pointerId);
    });
    one.box.addEventListener("pointermove", (event) => {
      if (!held || event.pointerType === "touch") return;
      const dx = event.clientX - held.x;
      const dy = event.clientY - held.y;
      if (!held.moved && Math.hypot(dx, dy) < MOVED_PX) return;
      held.moved = true;
      one.box.classList.add("held");
      move(name, held.from[0] + dx, held.from[1] + dy);
    });
    one.box.addEventListener("pointercancel", () => { held = null; });
    one.box.addEventListener("pointerup", () => {
      const moved = held && held.moved;
      const chosen = held && !held.moved;
      held = null;
      one.box.classList.remove("held");
      if (chosen) open(name);
      else if (moved) one.box.focus();
    });
  }

  let timer = 0;
  let asked = 0;
  form.addEventListener("input", (event) => {
    if (!/^[nf]\./.test(event.target.name || "")) return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(form.dataset.check, { method: "POST", body: new FormData(form) });
        if (answer.ok && mine === asked) {
          document.getElementById("checks").innerHTML = await answer.text();
        }
      } catch { /* the next key asks again */ }
    }, CHECK_MS);
  });
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sent) event.preventDefault();
  });

  // A prompt chosen from the list goes where the last text was written.
  const shown = drawing.querySelector(".open");
  if (shown) {
    light(shown.dataset.node);
    const scroll = drawing.parentElement;
    const one = boxes.get(shown.dataset.node);
    scroll.scrollTo(one.x - scroll.clientWidth / 2 + width / 2, one.y - scroll.clientHeight / 3);
  }
})();
