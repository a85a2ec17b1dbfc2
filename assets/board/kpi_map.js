// Maps of figures: every area can be met by keyboard as by pointer, is read out, and is the same area in the table
// beside it. One area of a map is in the tab order; the arrows walk to the others, in the order of their names.
(function () {
  "use strict";
  const own = (window.dash_clientside = window.dash_clientside || {});
  own.vigie_map = {
    // The address with the order the reader gave the table.
    sorted(sort, address) {
      const before = new URLSearchParams((address || "").slice(1));
      if (!sort || !address || before.get("sort") === sort) return window.dash_clientside.no_update;
      before.set("sort", sort);
      return `?${before}`;
    },
  };

  const areasOf = (panel) => [...panel.querySelectorAll("path.choroplethlocation")];
  // Plotly draws each map in a group of its own.
  const panelsOf = (graph) => [...graph.querySelectorAll(".geolayer > g")];

  const traceOf = (path) => (((path.parentNode || {}).__data__ || [])[0] || {}).trace || {};
  const textOf = (path) => (traceOf(path).customdata || [])[(path.__data__ || {}).index] || "";

  function prepare(graph) {
    panelsOf(graph).forEach((panel) => {
      const areas = areasOf(panel);
      areas.forEach((path) => {
        const text = textOf(path);
        path.setAttribute("role", "img");
        path.setAttribute("aria-label", text);
        path.dataset.area = String((path.__data__ || {}).loc || "");
        // The page knows its theme, and that paper is white, better than what drew the map: css gives the shade.
        path.dataset.shade = traceOf(path).meta === "known" ? String((path.__data__ || {}).z) : "none";
        if (!path.hasAttribute("tabindex")) path.setAttribute("tabindex", "-1");
      });
      areas.sort((a, b) => a.getAttribute("aria-label").localeCompare(b.getAttribute("aria-label")));
      if (areas.length && !areas.some((path) => path.getAttribute("tabindex") === "0")) areas[0].setAttribute("tabindex", "0");
    });
  }

  function tell(page, area, text) {
    page.querySelectorAll(".met").forEach((one) => one.classList.remove("met"));
    const reading = page.querySelector(".kpi-reading");
    if (reading) reading.textContent = text || reading.dataset.hint;
    if (!area) return;
    page.querySelectorAll(`[data-area="${CSS.escape(area)}"]`).forEach((one) => one.classList.add("met"));
  }

  const pageOf = (node) => node.closest(".kpi-map-columns, .tile");

  function met(event) {
    const path = event.target.closest && event.target.closest("path.choroplethlocation");
    if (path && pageOf(path)) {
      tell(pageOf(path), path.dataset.area, textOf(path));
      return;
    }
    const row = event.target.closest && event.target.closest(".area-table tr[data-area]");
    const page = row && row.closest(".kpi-map-columns");
    if (page) tell(page, row.dataset.area, [...row.cells].slice(0, 2).map((cell) => cell.textContent).join(" : "));
  }

  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  function walk(event) {
    const path = event.target.closest && event.target.closest("path.choroplethlocation");
    if (!path || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    const panel = path.closest(".geolayer > g");
    const areas = areasOf(panel).sort((a, b) => a.getAttribute("aria-label").localeCompare(b.getAttribute("aria-label")));
    const at = areas.indexOf(path);
    const next = event.key === "Home" ? 0 : event.key === "End" ? areas.length - 1 : (at + STEPS[event.key] + areas.length) % areas.length;
    path.setAttribute("tabindex", "-1");
    areas[next].setAttribute("tabindex", "0");
    areas[next].focus();
  }

  document.addEventListener("focusin", met);
  document.addEventListener("pointerover", met);
  document.addEventListener("keydown", walk);
  // Plotly draws when it is ready, and anew with every size: whatever came is made ready in the next frame.
  let due = 0;
  new MutationObserver((changes) => {
    const drawn = changes.some((change) => change.target.closest && change.target.closest(".kpi-map"));
    if (!drawn || due) return;
    due = requestAnimationFrame(() => {
      due = 0;
      document.querySelectorAll(".kpi-map .js-plotly-plot").forEach(prepare);
    });
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
