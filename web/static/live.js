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

const source = new EventSource(connection.dataset.source);
source.addEventListener("open", () => tell(connection.dataset.live, true));
source.addEventListener("error", () => {
  clearTimeout(lostTimer);
  lostTimer = setTimeout(() => tell(connection.dataset.lost, false), 1000);
});
for (const part of document.querySelectorAll("[data-part]")) {
  source.addEventListener(part.dataset.part, (event) => {
    part.innerHTML = event.data;
    tell(connection.dataset.live, true);
  });
}
