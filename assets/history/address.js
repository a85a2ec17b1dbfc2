// The address of the page of the past: kept in step with what is shown, so that it can be bookmarked and sent.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const functions = (window.dash_clientside = window.dash_clientside || {});

  // Replaced, not pushed: going back leaves the page and does not replay every step of a slider.
  vigie.writeAddress = function (query) {
    if (window.location.search === query) return;
    window.history.replaceState(window.history.state, "", window.location.pathname + query);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  };

  functions.vigie_history = {
    write_address(query) {
      if (query) vigie.writeAddress(query);
      return query || null;
    },
  };
})();
