// The telephone that somebody lifts is the one whose name he types: its field takes the cursor.
"use strict";
let lifted = "";
new MutationObserver(() => {
  const now = document.querySelector("[data-lifted]")?.dataset.lifted ?? "";
  if (now && now !== lifted) {
    for (const jack of document.querySelectorAll("[data-jack]")) {
      const here = jack.dataset.jack === now;
      jack.classList.toggle("lifted", here);
      if (here) jack.querySelector("input[name^=name]").focus();
    }
  }
  lifted = now;
}).observe(document.querySelector("main"), { childList: true, subtree: true });
