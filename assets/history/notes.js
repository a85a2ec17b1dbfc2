// What is pressed in lists of notes and tables of readings, put into the store its dialog opens by.
(function () {
  "use strict";
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const tell = (store, data) => functions.set_props(store, { data: { ...data, n: performance.now() } });
  const numbered = (store) => (id, element) => tell(store, { id, title: element.dataset.title });

  const actions = {
    withdrawNote: numbered("notes-withdrawing"),
    withdrawCorrection: numbered("correcting-withdrawing"),
    removeBookmark: numbered("notes-bookmark-gone"),
    correct: (at, element) => tell("correcting-asked", { at, of: element.dataset.of }),
    closeDialog: (id) => functions.set_props(id, { opened: false }),
  };
  const attribute = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const SELECTOR = Object.keys(actions).map((name) => `[data-${attribute(name)}]`).join(",");

  document.addEventListener("click", (event) => {
    const element = event.target.closest(SELECTOR);
    if (!element) return;
    for (const name of Object.keys(actions)) {
      if (element.dataset[name] !== undefined) actions[name](element.dataset[name], element);
    }
  });
})();
