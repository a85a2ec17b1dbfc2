// Symbols as pictures for the map, drawn from the shapes of look.js on a canvas, each with a halo of land so that
// it stands off the streets beneath.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const BOX = 24;
  const HALO = 2.5;
  const FAMILY = "SourceSans, sans-serif";

  // Name on the map -> [group, symbol, size in px, halo px]. Small ones drop the letter and keep the shape.
  const MARKS = {
    fault: ["status", "fault", 23, HALO],
    degraded: ["status", "degraded", 18, HALO],
    comms_lost: ["status", "comms_lost", 17, HALO],
    maintenance: ["status", "maintenance", 15, 2],
    out_of_service: ["status", "out_of_service", 12, 1.5],
    unknown: ["status", "unknown", 13, 1],
    recovered: ["status", "recovered", 18, HALO],
    handled: ["mark", "diamond", 9, 1.2],
    "small-handled": ["mark", "diamond", 7.5, 1.2],
    "priority-1": ["priority", "1", 20, HALO],
    "priority-2": ["priority", "2", 20, HALO],
    "priority-3": ["priority", "3", 20, HALO],
    "priority-4": ["priority", "4", 18, HALO],
    "small-priority-1": ["mark", "square", 8, 1.2],
    "small-priority-2": ["mark", "triangle", 8, 1.2],
    "small-priority-3": ["mark", "triangle", 8, 1.2],
    "small-priority-4": ["mark", "ring", 8, 1],
    "small-fault": ["mark", "diamond", 7.5, 1.2],
    "small-degraded": ["mark", "triangle", 8, 1.2],
    "small-comms_lost": ["mark", "ring", 8, 1],
    "small-maintenance": ["mark", "square", 7.5, 1],
    "small-out_of_service": ["mark", "cross", 7.5, 1],
    "small-unknown": ["mark", "dots", 7.5, 0],
    "change-new_fault": ["change", "new_fault", 23, HALO],
    "change-recovered": ["change", "recovered", 18, HALO],
    "change-degraded": ["change", "degraded", 18, HALO],
    "change-comms_lost": ["change", "comms_lost", 17, HALO],
    "change-maintenance": ["change", "maintenance", 15, 2],
    "change-came_and_went": ["change", "came_and_went", 16, 2],
    "small-change-new_fault": ["change", "new_fault", 11, 1.2],
    "small-change-recovered": ["change", "recovered", 10, 1.2],
    "small-change-degraded": ["mark", "triangle", 8, 1.2],
    "small-change-comms_lost": ["mark", "ring", 8, 1],
    "small-change-maintenance": ["mark", "square", 7.5, 1],
    "small-change-came_and_went": ["change", "came_and_went", 10, 1.2],
    selection: ["mark", "selection", 46, 0],
  };

  function ratio() {
    return Math.max(2, Math.ceil(window.devicePixelRatio || 1));
  }

  function canvasOf(px) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = px;
    return canvas.getContext("2d", { willReadFrequently: true });
  }

  function trace(context, shape, colours, self) {
    const paint = (token) => (token === "self" ? self : colours[token]);
    if (shape.text) {
      context.fillStyle = paint(shape.fill);
      context.font = `600 ${shape.size}px ${FAMILY}`;
      context.textAlign = "center";
      context.textBaseline = "alphabetic";
      // Capitals of the family are 0.66 em high: this centres them on shape.y.
      context.fillText(shape.text, BOX / 2, shape.y + shape.size * 0.33);
      return;
    }
    const path = new Path2D(shape.d);
    context.setLineDash(shape.dash || []);
    if (shape.fill) {
      context.fillStyle = paint(shape.fill);
      context.fill(path);
    }
    if (shape.stroke) {
      context.strokeStyle = paint(shape.stroke);
      context.lineWidth = shape.width;
      context.stroke(path);
    }
  }

  function shade(context, shape, colour, width) {
    if (shape.text) return;
    const path = new Path2D(shape.d);
    context.setLineDash([]);
    context.strokeStyle = context.fillStyle = colour;
    context.lineJoin = "round";
    context.lineWidth = (shape.stroke ? shape.width : 0) + 2 * width;
    context.stroke(path);
    context.fill(path);
  }

  // A symbol of `size` px with `halo` px of land around, as ImageData at `scale` device pixels a px.
  function drawn(group, name, size, colours, { halo = 0, self = colours.ink, scale = ratio() } = {}) {
    const shapes = vigie.look.symbols[group][name];
    const edge = Math.ceil((size + 2 * halo + 2) * scale);
    const context = canvasOf(edge);
    const unit = (size * scale) / BOX;
    context.translate(edge / 2, edge / 2);
    context.scale(unit, unit);
    context.translate(-BOX / 2, -BOX / 2);
    if (halo) for (const shape of shapes) shade(context, shape, colours.land, (halo * scale) / unit);
    for (const shape of shapes) trace(context, shape, colours, self);
    return context.getImageData(0, 0, edge, edge);
  }

  function put(map, name, image) {
    if (map.hasImage(name)) map.updateImage(name, image);
    else map.addImage(name, image, { pixelRatio: ratio() });
  }

  // Give `map` every picture in the colours of `theme`; again after a change of theme, at the same sizes.
  function install(map, theme) {
    const colours = vigie.look.themes[theme];
    for (const [name, [group, symbol, size, halo]] of Object.entries(MARKS)) {
      put(map, name, drawn(group, symbol, size, colours, { halo }));
    }
    for (const name of Object.keys(vigie.look.symbols.glyph)) {
      put(map, `glyph-${name}`, drawn("glyph", name, 22, colours, { halo: 1.6, self: colours.glyphOn }));
    }
  }

  vigie.images = { install, drawn, trace };
})();
