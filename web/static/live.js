// The overview follows the box: the server sends the changed part as HTML, this puts it in place.
// Without scripts the page still shows the state at the time it was opened.
"use strict";
const part = document.getElementById("live");
const connection = document.getElementById("connection");
let lostTimer = 0;
function tell(word, ok) {
  connection.textContent = word;
  connection.className = ok ? "ok" : "lost";
}
const source = new EventSource(part.dataset.source);
source.addEventListener("open", () => {
  clearTimeout(lostTimer);
  tell(connection.dataset.live, true);
});
source.addEventListener("overview", (event) => {
  part.innerHTML = event.data;
  tell(connection.dataset.live, true);
});
source.addEventListener("error", () => {
  clearTimeout(lostTimer);
  lostTimer = setTimeout(() => tell(connection.dataset.lost, false), 1000);
});
