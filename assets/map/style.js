// The map's own style, from the tokens: land, streets by rank, borders, every asset, what is wrong, the selection.
// `layers(theme)` is pure; recolouring compares two of its answers and moves nothing but colours.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const FONT = ["SourceMap"];
  const { CLASS } = vigie.codes;

  // The class a glyph is drawn as: its feature state once it has changed, else what it was when the source was made.
  // -1 is hidden by a filter.
  const DRAWN = ["coalesce", ["feature-state", "k"], ["get", "k"]];
  const NEVER = ["==", ["get", "id"], -1];

  const grows = (...stops) => ["interpolate", ["exponential", 1.6], ["zoom"], ...stops];
  const isMajor = ["==", ["get", "major"], 1];

  function ground(c) {
    return [
      { id: "outside", type: "background", paint: { "background-color": c.outside } },
      { id: "land", type: "fill", source: "areas", paint: { "fill-color": c.land, "fill-antialias": false } },
    ];
  }

  // All ranks in one layer, main ones drawn last: every layer is a pass over every tile.
  function streets(c) {
    const wide = (local, middle, main) => ["match", ["get", "rank"], 1, main, 2, middle, local];
    return {
      id: "streets", type: "line", source: "streets",
      layout: { "line-join": "round", "line-cap": "round", "line-sort-key": ["-", 0, ["get", "rank"]] },
      paint: {
        "line-color": ["match", ["get", "rank"], 1, c.avenue, c.street],
        "line-width": grows(11, wide(0.4, 0.6, 0.8), 13, wide(0.7, 1.2, 1.4), 15, wide(3, 4.5, 4.8), 17, wide(10, 14, 15)),
      },
    };
  }

  function borders(c) {
    const line = (id, kind, width, opacity) => ({
      id, type: "line", source: "areas", filter: ["==", ["get", "kind"], kind], layout: { "line-join": "round" },
      paint: { "line-color": c.border, "line-width": width, "line-opacity": opacity },
    });
    return [
      {
        id: "areas-left-out", type: "fill", source: "areas", filter: NEVER,
        paint: { "fill-color": c.outside, "fill-opacity": 0.62 },
      },
      line("districts", "district", 0.8, 0.75),
      line("communes", "commune", 0.9, 0.8),
      line("metropolis", "metropolis", 1.4, 1),
      {
        id: "area-chosen", type: "line", source: "areas", filter: NEVER, layout: { "line-join": "round" },
        paint: { "line-color": c.ink2, "line-width": 1.8 },
      },
    ];
  }

  // Every asset is a point of points.js; from the streets' scale on, what is no lamp has its glyph.
  function glyphs() {
    return {
      id: "glyphs", type: "symbol", source: "equipment", minzoom: vigie.points.GLYPH_ZOOM,
      layout: {
        "icon-image": ["concat", "glyph-", ["get", "glyph"]],
        "icon-size": grows(13.5, 0.52, 14, 0.6, 16, 0.9, 18, 1),
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
      },
      paint: { "icon-opacity": ["match", DRAWN, -1, 0, CLASS.active, 1, CLASS.stale, 0.5, 0.62] },
    };
  }

  function links(c) {
    return {
      id: "links", type: "line", source: "links", layout: { "line-cap": "round" },
      paint: {
        "line-color": ["case", ["==", ["get", "down"], 1], c.fault, c.ink3],
        "line-width": grows(11, 0.5, 16, 1.1),
        "line-opacity": ["case", ["==", ["get", "down"], 1], 0.6, 0.45],
      },
    };
  }

  // Consequences: many quiet rings, so that the extent reads at a glance and the cause still stands out.
  function rings(c) {
    return {
      id: "rings", type: "circle", source: "abnormal", filter: ["==", ["get", "s"], "consequence"],
      paint: {
        "circle-color": c.land,
        "circle-radius": grows(11, 1.3, 13, 1.9, 16, 4),
        "circle-stroke-color": c.fault,
        "circle-stroke-width": grows(11, 0.9, 14, 1.2, 16, 1.8),
      },
    };
  }

  function symbols() {
    const sorted = { "symbol-sort-key": ["get", "rank"], "icon-allow-overlap": true };
    const minor = ["all", ["!", isMajor], ["!=", ["get", "s"], "consequence"]];
    return [
      {
        id: "minor", type: "symbol", source: "abnormal", filter: minor,
        layout: {
          ...sorted,
          "icon-ignore-placement": true,
          "icon-image": ["step", ["zoom"], ["concat", "small-", ["get", "s"]], 15, ["get", "s"]],
          "icon-size": ["interpolate", ["linear"], ["zoom"], 10.5, 0.72, 12.5, 1, 14.99, 1.25, 15, 0.72, 17, 0.95],
        },
      },
      {
        id: "major", type: "symbol", source: "abnormal", filter: isMajor,
        layout: {
          ...sorted,
          "icon-image": ["get", "s"],
          "icon-size": ["interpolate", ["linear"], ["zoom"], 10.5, ["*", 0.78, ["get", "size"]], 13, ["get", "size"], 17, ["*", 1.2, ["get", "size"]]],
        },
      },
    ];
  }

  function areaNames(c) {
    return {
      id: "area-names", type: "symbol", source: "area-names", maxzoom: 15,
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT,
        "text-size": grows(10, 12, 12, 15),
        "text-transform": "uppercase",
        "text-letter-spacing": 0.2,
        "text-max-width": 9,
        "text-line-height": 1.35,
        "text-padding": 6,
        "text-variable-anchor": ["center", "top", "bottom", "left", "right"],
        "text-radial-offset": 0.6,
      },
      paint: { "text-color": c.ink2, "text-opacity": 0.9, "text-halo-color": c.land, "text-halo-width": 2.2 },
    };
  }

  function labels(c) {
    return {
      id: "labels", type: "symbol", source: "abnormal", filter: ["!=", ["get", "label"], ""],
      layout: {
        "text-field": ["get", "label"],
        "text-font": FONT,
        "text-size": 15,
        "text-max-width": 20,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 1.8,
        "text-justify": "auto",
        "text-padding": 3,
        "symbol-sort-key": ["-", 0, ["get", "rank"]],
      },
      paint: { "text-color": c.ink, "text-halo-color": c.land, "text-halo-width": 2.2 },
    };
  }

  function selection() {
    return {
      id: "selection", type: "symbol", source: "selection",
      layout: { "icon-image": "selection", "icon-allow-overlap": true, "icon-ignore-placement": true },
    };
  }

  // Where the custom layer of points.js stands among the others.
  const POINTS = { id: "points", type: "custom" };

  // Own tiles stay one step behind our own streets: pictures are paled, vector layers are quiet lines.
  function tileLayers(tiles, c) {
    if (!tiles) return [];
    if (tiles.kind === "raster") {
      return [{ id: "tiles", type: "raster", source: "tiles", paint: { "raster-opacity": 0.35, "raster-saturation": -0.9 } }];
    }
    return tiles.layers.map((name) => ({
      id: `tiles-${name}`, type: "line", source: "tiles", "source-layer": name,
      paint: { "line-color": c.rule, "line-width": 0.8, "line-opacity": 0.7 },
    }));
  }

  // Tiles are fetched by a worker, to which an address without a host means nothing.
  function tileSource({ url, kind, minzoom = 0, maxzoom = 19 }) {
    const address = url.startsWith("/") ? window.location.origin + url : url;
    return { type: kind, tiles: [address], minzoom, maxzoom, ...(kind === "raster" ? { tileSize: 256 } : {}) };
  }

  function layers(theme, { tiles } = {}) {
    const c = vigie.look.themes[theme];
    const [background, land] = ground(c);
    return [
      background, land, ...tileLayers(tiles, c), streets(c), ...borders(c), POINTS, glyphs(), links(c),
      rings(c), areaNames(c), ...symbols(), labels(c), selection(),
    ];
  }

  const nothing = () => ({ type: "FeatureCollection", features: [] });

  // Every source with its first data: `data` is GeoJSON by source name, nothing where there is none yet.
  function sources(data, { tiles } = {}) {
    const source = (name, options) => ({ type: "geojson", data: data[name] || nothing(), ...options });
    return {
      areas: source("areas", { tolerance: 0.4, maxzoom: 14 }),
      streets: source("streets", { tolerance: 0.5, maxzoom: 15 }),
      equipment: source("equipment", { maxzoom: 14, buffer: 16, tolerance: 0 }),
      "area-names": source("area-names"),
      abnormal: source("abnormal", { maxzoom: 14, buffer: 64, tolerance: 0 }),
      links: source("links", { tolerance: 0 }),
      selection: source("selection"),
      ...(tiles ? { tiles: tileSource(tiles) } : {}),
    };
  }

  // The map begins as bare ground; the rest is added with its data, because a source that is first empty and then
  // filled is cut into tiles twice.
  function bare(theme) {
    return { version: 8, sources: {}, layers: layers(theme).slice(0, 1), transition: { duration: 0, delay: 0 } };
  }

  function build(map, theme, points, data, options) {
    for (const [name, source] of Object.entries(sources(data, options))) map.addSource(name, source);
    for (const layer of layers(theme, options).slice(1)) map.addLayer(layer === POINTS ? points : layer);
  }

  // Change the colours of a loaded map from one theme to another: camera, sources and states stay.
  function recolour(map, before, after, options) {
    const old = layers(before, options);
    layers(after, options).forEach((layer, at) => {
      for (const [name, value] of Object.entries(layer.paint || {})) {
        if (map.getLayer(layer.id) && JSON.stringify(value) !== JSON.stringify(old[at].paint[name])) map.setPaintProperty(layer.id, name, value);
      }
    });
  }

  vigie.mapStyle = { NEVER, bare, build, layers, recolour };
})();
