// What the operator does on a map, handed to the view's `report`: clicks, the pointer over an asset, the camera.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const REACH_PX = 9;
  const HOVER_EVERY_MS = 250;

  function listen(view) {
    const { map, report } = view;
    map.on("webglcontextrestored", () => view.again());
    map.on("click", (event) => report.click(under(view, event)));
    map.on("mousemove", (event) => hover(view, event));
    map.getCanvas().addEventListener("mouseleave", () => left(view));
    map.on("movestart", (event) => {
      report.tip(null);
      if (event.originalEvent) view.steered = true;
    });
    map.on("moveend", () => moved(view));
    map.getCanvas().addEventListener("keydown", (event) => event.key === "Escape" && report.clear());
    moved(view);
  }

  function under(view, event) {
    if (!view.store.ready) return null;
    return vigie.pointing.nearest(view.store, event.lngLat, view.map.getZoom(), REACH_PX);
  }

  function hover(view, event) {
    if (view.map.isMoving()) return;
    const index = under(view, event);
    view.map.getCanvas().style.cursor = index === null ? "" : "pointer";
    view.report.tip(index === null ? null : { index, x: event.point.x, y: event.point.y });
    hovered(view, index);
  }

  function left(view) {
    view.report.tip(null);
    hovered(view, null);
  }

  // Callbacks hear of it at most four times a second, and of the last only.
  function hovered(view, index) {
    if (index === view.under) return;
    view.under = index;
    clearTimeout(view.hovering);
    view.hovering = setTimeout(() => !view.closed && view.report.hover(index), HOVER_EVERY_MS);
  }

  function moved(view) {
    const { lng, lat } = view.map.getCenter();
    const five = (value) => Math.round(value * 1e5) / 1e5;
    view.report.move({
      center: [five(lng), five(lat)],
      zoom: Math.round(view.map.getZoom() * 100) / 100,
      bounds: view.map.getBounds().toArray().flat().map(five),
    });
  }

  vigie.listen = listen;
})();
