// Asks the desk, once a second, whether the answer is here; clears a verdict after its time. No other origin, nothing kept.
"use strict";

const state = document.getElementById("state");
if (state) {
  const address = state.dataset.watch;
  let failures = 0;
  const ask = async () => {
    try {
      const reply = await fetch(`${address}/state`, { credentials: "same-origin", cache: "no-store" });
      if (!reply.ok) {
        location.reload();
        return;
      }
      failures = 0;
      const { stage } = await reply.json();
      if (stage === "fetched") state.textContent = state.dataset.fetched;
      else if (stage === "answered") {
        location.replace(`${address}/verdict`);
        return;
      } else if (stage === "answered_elsewhere") {
        state.textContent = state.dataset.elsewhere;
        return;
      } else if (stage !== "waiting") {
        location.reload();
        return;
      }
    } catch {
      failures += 1;
    }
    if (failures < 60) setTimeout(ask, 1000);
  };
  setTimeout(ask, 1000);
}

const verdict = document.querySelector("[data-clear]");
if (verdict) {
  // The code has served; it need not stay in the address bar and the history.
  history.replaceState(null, "", location.pathname);
  const clear = setTimeout(() => {
    document.querySelectorAll(".facts").forEach((facts) => facts.remove());
    verdict.className = "";
    verdict.textContent = verdict.dataset.cleared;
  }, Number(verdict.dataset.clear) * 1000);
  const hold = document.getElementById("hold");
  hold.hidden = false;
  hold.addEventListener("click", () => {
    clearTimeout(clear);
    hold.hidden = true;
  });
}
