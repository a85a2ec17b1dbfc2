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

  // Without the clipboard (a browser may refuse it) the text is selected, so that Ctrl+C copies it.
  function select(button) {
    const shown = button.parentElement.querySelector(".secret");
    if (shown) window.getSelection().selectAllChildren(shown);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const text = button.querySelector(".copy-text");
    const done = () => {
      if (text) text.textContent = button.dataset.copied;
    };
    if (!navigator.clipboard) {
      select(button);
      return;
    }
    navigator.clipboard.writeText(button.dataset.copy).then(done, () => select(button));
  });
})();
