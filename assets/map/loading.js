// What a map waits for before it can be drawn: the library, its letters, and the streets and areas of a layout.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const LIBRARY = "/assets/vendor/maplibre-gl.mjs";
  const LIBRARY_CSS = "/assets/vendor/maplibre-gl.css";

  let library = null;
  // The library, its stylesheet and the letters it draws with, fetched once for all maps of a page.
  function loadLibrary() {
    if (!library) {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: LIBRARY_CSS });
      document.head.prepend(link);
      const letters = ["15px SourceMap", "600 15px SourceSans"].map((font) => document.fonts.load(font, "Éa1"));
      library = Promise.all([import(LIBRARY), Promise.allSettled(letters)]).then(([module]) => {
        // Streets and symbols are cut into tiles beside one another, also where the default is a single worker.
        module.setWorkerCount(Math.max(2, module.getWorkerCount()));
        return module;
      });
      library.catch(() => (library = null));
    }
    return library;
  }

  const layersKnown = new Map();
  // One layer of the base map as GeoJSON, fetched once a layout for all that draw it.
  function baseLayer(name, version) {
    const url = `/map/${name}/${version}.json`;
    if (!layersKnown.has(url)) {
      const asked = fetch(url).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`${url}: ${answer.status}`))));
      asked.catch(() => layersKnown.delete(url));
      layersKnown.set(url, asked);
    }
    return layersKnown.get(url);
  }

  // The same, or null: the city stays readable without its streets, and the next layout asks again.
  function fetchLayer(name, version) {
    return baseLayer(name, version).catch((error) => {
      console.warn("vigie: no base map:", error.message);
      return null;
    });
  }

  const patience = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  function boundsOf(geometries) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    const walk = (part) => {
      if (typeof part[0] !== "number") return part.forEach(walk);
      box[0] = Math.min(box[0], part[0]);
      box[1] = Math.min(box[1], part[1]);
      box[2] = Math.max(box[2], part[0]);
      box[3] = Math.max(box[3], part[1]);
    };
    for (const { coordinates } of geometries) walk(coordinates);
    return box;
  }

  vigie.baseLayer = baseLayer;
  vigie.loading = { loadLibrary, fetchLayer, patience, boundsOf };
})();
