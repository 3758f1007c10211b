// The groups in the head of a page: one is open at a time, and Escape or a click elsewhere closes it.
// Without scripts a group opens and closes by itself.
"use strict";
{
  const groups = document.querySelectorAll("details.way");

  function close(but) {
    for (const one of groups) if (one !== but) one.open = false;
  }

  document.addEventListener("click", (event) => close(event.target.closest("details.way")));
  document.addEventListener("focusin", (event) => close(event.target.closest("details.way")));
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector("details.way[open]");
    if (!open) return;
    if (event.key === "Escape") {
      open.open = false;
      open.querySelector("summary").focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const entries = [...open.querySelectorAll("summary, li a, li button")];
      const step = event.key === "ArrowDown" ? 1 : -1;
      const next = entries[entries.indexOf(document.activeElement) + step];
      if (next) next.focus();
      event.preventDefault();
    }
  });
}
