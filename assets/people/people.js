// The management pages: filters in the address, and the button that copies what is shown this once.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const functions = (window.dash_clientside = window.dash_clientside || {});

  functions.vigie_people = {
    // "?" stands for an address without any filter.
    filtered(query) {
      if (query && window.location.pathname === "/people") vigie.writeAddress(query === "?" ? "" : query);
      return query || null;
    },
  };

  // What was pressed may be drawn anew, or the dialog it opened be followed by another one: once no dialog is open
  // and nothing has the focus, it gets it back, or else the first thing to press beside it.
  let left = null;
  const lost = () => !document.activeElement || document.activeElement === document.body;
  const asking = () => document.querySelector(".mantine-Modal-content");
  const back = new MutationObserver(() => {
    if (!left || asking() || !lost()) return;
    const again = [...left.part.querySelectorAll("[data-act]")];
    const same = again.find((button) => button.dataset.act === left.act) || again[0];
    if (same) same.focus();
  });
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest(".manage [data-act]");
    const part = pressed && pressed.closest(".people-part");
    if (!part) return;
    left = { act: pressed.dataset.act, part };
    back.observe(document.body, { childList: true, subtree: true });
  });
  function forget() {
    if (!left || asking() || lost()) return;
    left = null;
    back.disconnect();
  }
  document.addEventListener("pointerdown", forget, true);
  document.addEventListener("keydown", forget, true);

  // Without the clipboard (a browser may refuse it) the text is selected, so that Ctrl+C copies it.
  function select(button) {
    const shown = button.parentElement.querySelector(".secret");
    if (shown) window.getSelection().selectAllChildren(shown);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-path]");
    if (!button) return;
    const { copy, copyPath } = button.dataset;
    const copied = copy || new URL(copyPath, window.location.origin).href;
    const text = button.querySelector(".copy-text");
    const done = () => {
      if (text) text.textContent = button.dataset.copied;
    };
    if (!navigator.clipboard) {
      select(button);
      return;
    }
    navigator.clipboard.writeText(copied).then(done, () => select(button));
  });
})();
