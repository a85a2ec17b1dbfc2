// Who writes: the last name typed into a field of class "author-field", kept in this browser and nowhere else.
(function () {
  "use strict";
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const KEY = "vigie.author";

  // Storage is refused in some private windows; the name is then simply typed again.
  function kept() {
    try {
      return window.localStorage.getItem(KEY) || "";
    } catch (refused) {
      return "";
    }
  }

  function keep(name) {
    try {
      window.localStorage.setItem(KEY, name);
    } catch (refused) {
      console.warn("vigie: the name is not remembered:", refused.message);
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.closest(".author-field") && event.target.value.trim()) keep(event.target.value.trim());
  });

  const fill = (value) => (value || !kept() ? functions.no_update : kept());
  functions.vigie_author = {
    fill: (opened, value) => (opened ? fill(value) : functions.no_update),
    fill_at_once: (_id, value) => fill(value),
  };
})();
