// The control room's small moves that need no data: who was picked, the filters' way to the map, the address.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const functions = (window.dash_clientside = window.dash_clientside || {});
  const LABELLED = 8;
  const LEAST_CONSEQUENCES = 3;
  const same = (a, b) => JSON.stringify(a === undefined ? null : a) === JSON.stringify(b === undefined ? null : b);
  const none = () => functions.no_update;

  // The room on the page, live or past, and the id of one of its parts.
  const room = () => document.querySelector("[data-room]");
  const part = (name) => `${(room() || { dataset: { room: "room" } }).dataset.room}-${name}`;

  // Which of several inputs moved: Dash says so by "id.property".
  function moved() {
    const triggered = functions.callback_context.triggered;
    return triggered.length ? triggered[triggered.length - 1].value : undefined;
  }

  functions.vigie_room = {
    pick() {
      const picked = moved();
      if (picked === undefined || picked === null) return none();
      return picked.asset || null;
    },

    // Escape on the map lets the selection go.
    let_go(onMap, selected) {
      const gone = functions.callback_context.triggered.length > 0 && onMap === null && selected;
      if (gone) functions.set_props(part("selected"), { data: null });
    },

    drill(value) {
      const area = value ? Number(value) : null;
      return [area, area];
    },

    drilled(onMap, chosen) {
      const value = onMap === null || onMap === undefined ? null : String(onMap);
      const told = functions.callback_context.triggered.length > 0;
      if (told && !same(value, chosen)) functions.set_props(part("area"), { value });
    },

    filter: (domains, statuses) => [domains === undefined ? null : domains, statuses === undefined ? null : statuses],

    // Names belong to a layout: said again when another one came, and for what is selected.
    name_worst(rows, named) {
      const worst = (rows || []).filter((row) => row.cons >= LEAST_CONSEQUENCES || row.priority === 1);
      return [...worst.slice(0, LABELLED).map((row) => [row.index, row.name]), ...(named || [])];
    },

    // The alarms bring the names of what they are of (alarms/marks.js); this is the name of what is selected.
    name_chosen: (named) => named || [],

    theme: (theme) => [theme || "dark", theme || "dark"],

    // The address says what is on screen, so that it can be given to somebody; the way back stays as it was.
    address(selected, domains, statuses, area) {
      const view = new URLSearchParams();
      if (selected) view.set("asset", selected);
      if (domains) view.set("domains", domains.join(","));
      if (statuses) view.set("statuses", statuses.join(","));
      if (area) view.set("area", area);
      if (window.location.pathname !== "/") return;
      const query = view.toString();
      window.history.replaceState(window.history.state, "", query ? `/?${query}` : "/");
      functions.set_props("location", { search: window.location.search });
    },
  };

  vigie.room = {
    flights: 0,
    fly(index) {
      const store = vigie.store(part("map").startsWith("past") ? "past" : "live");
      if (!store.ready || index === undefined || index === null || !store.fleet.isPlaced(index)) return;
      vigie.room.flights += 1;
      // On a phone the map is behind a tab.
      const shown = room().classList;
      shown.remove("show-list", "show-changes");
      shown.add("show-map");
      functions.set_props(part("map"), { command: { fly: [store.lon[index], store.lat[index], 16], n: vigie.room.flights } });
    },
  };
})();
