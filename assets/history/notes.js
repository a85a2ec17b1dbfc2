// What is pressed in lists of notes and tables of readings, put into the store its dialog opens by; and the way
// back for the keyboard: what was pressed is drawn anew once it is done, and gets the focus again.
(function () {
  "use strict";
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const tell = (store, data) => functions.set_props(store, { data: { ...data, n: performance.now() } });
  const numbered = (store) => (id, { title, of }) => tell(store, { id, title, of });

  const actions = {
    withdrawNote: numbered("notes-withdrawing"),
    withdrawCorrection: numbered("correcting-withdrawing"),
    removeBookmark: numbered("notes-bookmark-gone"),
    correct: (at, { of }) => tell("correcting-asked", { at, of }),
    closeDialog: (id) => functions.set_props(id, { opened: false }),
  };
  const attribute = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const SELECTOR = Object.keys(actions).map((name) => `[${attribute(name)}]`).join(",");

  // The reading whose row was worked in, until its button has the focus again.
  let left = null;
  const back = new MutationObserver(() => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (!left || !lost || document.querySelector(".mantine-Modal-content")) return;
    const row = document.querySelector(`[data-correct="${left.at}"][data-of="${left.of}"]`);
    if (!row) return;
    row.focus();
    back.disconnect();
    left = null;
  });

  function remember(element) {
    const row = element.closest("tr") && element.closest("tr").querySelector("[data-correct]");
    if (!row) return;
    left = { at: row.dataset.correct, of: row.dataset.of };
    back.observe(document.getElementById("history-results"), { childList: true, subtree: true });
  }

  document.addEventListener("click", (event) => {
    const element = event.target.closest(SELECTOR);
    if (!element) return;
    remember(element);
    for (const name of Object.keys(actions)) {
      if (element.dataset[name] !== undefined) actions[name](element.dataset[name], element.dataset);
    }
  });
})();
