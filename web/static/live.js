// The overview follows the box: the server sends each part that changed as HTML, this puts it in
// place. Without scripts the page still shows the state at the time it was opened.
"use strict";
const connection = document.getElementById("connection");
let lostTimer = 0;

function tell(word, ok) {
  clearTimeout(lostTimer);
  if (connection.textContent !== word) connection.textContent = word;
  connection.className = ok ? "ok" : "lost";
}

// A browser opens six connections to one box: pages that nobody looks at leave theirs to the others.
const LEAVE_MS = 60000;
const AGAIN_MS = 10000;
let source = null;
let leaveTimer = 0;
let full = false;

function follow() {
  if (source && source.readyState !== EventSource.CLOSED) return;
  source = new EventSource(connection.dataset.source);
  // There is no place for one page more: why, in words; the browser asks again in a while.
  source.addEventListener("full", (event) => {
    full = true;
    tell(event.data, false);
  });
  source.addEventListener("error", () => {
    if (full) return;
    clearTimeout(lostTimer);
    lostTimer = setTimeout(() => tell(connection.dataset.lost, false), 1000);
    // Refused, and not cut: the browser does not come again by itself.
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, AGAIN_MS);
  });
  for (const part of document.querySelectorAll("[data-part]")) {
    source.addEventListener(part.dataset.part, (event) => {
      part.innerHTML = event.data;
      full = false;
      tell(connection.dataset.live, true);
    });
  }
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(leaveTimer);
  if (!document.hidden) follow();
  else if (connection.dataset.stays === undefined) leaveTimer = setTimeout(() => source.close(), LEAVE_MS);
});
follow();
