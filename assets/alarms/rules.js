// The form of a rule: what is typed is handed on once the hands rest, so that the server keeps it.
(function () {
  "use strict";
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const REST_MS = 400;
  let pending = null;

  // What waits is let go of: a later call says it anew.
  function drop() {
    if (!pending) return;
    clearTimeout(pending.timer);
    pending.done(functions.no_update);
    pending = null;
  }

  functions.vigie_rules = {
    // The last argument is how often Save was pressed: what is saved is not kept as unsaved a moment later.
    typed(...given) {
      drop();
      const saved = functions.callback_context.triggered.some(({ prop_id }) => prop_id.endsWith(".n_clicks"));
      if (saved) return functions.no_update;
      const values = given.slice(0, -1);
      return new Promise((done) => {
        pending = { done, timer: setTimeout(() => { pending = null; done(values); }, REST_MS) };
      });
    },

    // A long form: the field that was not taken comes into sight and takes the keyboard.
    wrong() {
      requestAnimationFrame(() => {
        const field = document.querySelector("#alarm-rules-form [aria-invalid='true']");
        if (field) field.focus();
      });
      return functions.no_update;
    },
  };
})();
