// The alarm list's small moves in the room: which alarm is picked, by the list or with its equipment elsewhere.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const functions = (window.dash_clientside = window.dash_clientside || {});

  const triggered = () => functions.callback_context.triggered.map((one) => one.prop_id);

  functions.vigie_alarms = {
    // Equipment picked on the map or found by name brings its alarm; what has none lets the alarm go.
    pick(picked, asset, current) {
      const book = vigie.alarmBook;
      if (triggered().some((name) => name.endsWith(".picked")) && picked) return picked.alarm;
      const row = current ? book.find(current) : null;
      if (row && (row.asset || null) === (asset || null)) return functions.no_update;
      const found = asset ? book.ofAsset(asset) : null;
      return found ? found.id : null;
    },

    picked: (alarm) => (alarm === undefined ? null : alarm),
    asked: (asked) => asked || functions.no_update,
  };
})();
