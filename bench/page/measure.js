// Measures the map from inside its page. A picture counts as drawn when one of its pixels can be read back: in
// software rendering, and on a busy card, the call that draws returns long before that.
(function () {
  "use strict";

  function finish(map) {
    const gl = map.painter.context.gl;
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    return performance.now();
  }

  const drawn = (map) => new Promise((resolve) => map.once("render", () => resolve(finish(map))));
  const view = () => window.vigie.maps.get("map");

  // The map's own redraw with nothing changed, ms.
  async function redraw() {
    const { map } = view();
    const from = performance.now();
    map.triggerRepaint();
    return (await drawn(map)) - from;
  }

  // From a frame of changes as received to the picture that shows it: its colours, then its symbols too, ms.
  async function update(data) {
    const { map, store } = view();
    const from = performance.now();
    const before = view().abnormalAt;
    store.apply(window.vigie.decode.changes(data));
    const colours = (await drawn(map)) - from;
    while (view().abnormalAt === before || !map.isSourceLoaded("abnormal")) await new Promise(requestAnimationFrame);
    map.triggerRepaint();
    return { colours, symbols: (await drawn(map)) - from };
  }

  // Still: nothing is being loaded or drawn.
  async function still() {
    const { map } = view();
    while (!map.loaded() || map.isMoving()) await new Promise(requestAnimationFrame);
    // A page that just came to the front is composed anew; that is not the map's doing.
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
    finish(map);
  }

  function isUsable(assets) {
    const one = view();
    if (!one || !one.loaded || !one.built || !one.base.streets || !one.base.areas || !one.map.loaded()) return false;
    return assets === 0 || (one.store.ready && one.abnormalAt !== undefined);
  }

  // When the whole city could first be seen and used, ms since the page was asked for.
  async function usable(assets) {
    while (!isUsable(assets)) await new Promise(requestAnimationFrame);
    view().map.triggerRepaint();
    return drawn(view().map);
  }

  // The peer: the same points in one scattermap trace, and the same change restyled.
  const peer = { map: null };
  async function peerMake(lon, lat, colours, bounds) {
    const box = document.getElementById("peer");
    const style = { version: 8, sources: {}, layers: [{ id: "bg", type: "background", paint: { "background-color": "#1B1F23" } }] };
    const trace = { type: "scattermap", mode: "markers", lon, lat, marker: { size: 4, color: colours } };
    const centre = { lon: (bounds[0] + bounds[2]) / 2, lat: (bounds[1] + bounds[3]) / 2 };
    await window.Plotly.newPlot(box, [trace], { map: { style, center: centre, zoom: 11.6 }, margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false });
    peer.map = box._fullLayout.map._subplot.map;
    while (!peer.map.loaded()) await new Promise(requestAnimationFrame);
  }

  async function peerUpdate(colours) {
    const from = performance.now();
    await window.Plotly.restyle("peer", { "marker.color": [colours] }, [0]);
    while (!peer.map.loaded()) await new Promise(requestAnimationFrame);
    peer.map.triggerRepaint();
    return (await drawn(peer.map)) - from;
  }

  // Nothing left to draw, so that its page does not slow ours.
  function peerStill() {
    peer.map.triggerRepaint();
    return new Promise((resolve) => peer.map.once("idle", () => resolve(finish(peer.map))));
  }

  window.measure = { redraw, update, still, usable, peerMake, peerUpdate, peerStill };
})();
