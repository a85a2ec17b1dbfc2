// What moves, drawn on a canvas of its own over the map: a vehicle that glides repaints a few arrows, not a city of
// points. Each arrow shows heading, age and state by shape and colour; behind it the way of the last two minutes.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { CLASS, NAMES } = vigie.codes;
  // Drawn again once the fastest has come this far, in px; never less often than twice a second while it moves.
  const STEP_PX = 0.3;
  const SLOWEST_MS = 500;
  const MARGIN_PX = 60;
  const NAME_ZOOM = 13.6;
  const PAIR_M = 1500;
  const SIZE = [[9, 2.6], [11.5, 4], [13, 6], [15, 8.5], [18, 12]];
  const OLD = { late: 1, stale: 2 };
  // States told by the status's own symbol instead of an arrow.
  const SYMBOLS = new Set([CLASS.fault, CLASS.comms_lost, CLASS.maintenance]);

  const arrow = new Path2D("M0 -1.15 0.86 0.95 0 0.5 -0.86 0.95Z");
  const disc = new Path2D("M0 -0.78A0.78 0.78 0 1 0 0.01 -0.78Z");

  function linear(stops, zoom) {
    const after = stops.findIndex(([z]) => z > zoom);
    if (after === 0) return stops[0][1];
    if (after < 0) return stops[stops.length - 1][1];
    const [[z0, v0], [z1, v1]] = [stops[after - 1], stops[after]];
    return v0 + ((v1 - v0) * (zoom - z0)) / (z1 - z0);
  }

  // Colours of a body: what fills it and what edges it.
  function dress(c, vehicle, state, old) {
    if (state === CLASS.degraded) return { fill: c.degraded, line: c.degradedLine };
    if (old === OLD.stale || state === CLASS.unknown) return { fill: c.land, line: c.grey };
    if (old === OLD.late) return { fill: c.grey, line: c.land };
    return { fill: c.glyphOn, line: c.land };
  }

  class Vehicles {
    constructor(view) {
      this.view = view;
      this.again = () => this.draw();
      this.seen = () => document.hidden || this.wake();
    }

    get fleet() {
      return this.view.store.fleet;
    }

    open(map) {
      this.map = map;
      this.canvas = Object.assign(document.createElement("canvas"), { className: "map-vehicles" });
      this.canvas.setAttribute("aria-hidden", "true");
      map.getCanvasContainer().append(this.canvas);
      this.context = this.canvas.getContext("2d");
      map.on("render", this.again);
      document.addEventListener("visibilitychange", this.seen);
      this.wake();
    }

    close() {
      clearTimeout(this.timer);
      cancelAnimationFrame(this.frame);
      document.removeEventListener("visibilitychange", this.seen);
      this.canvas = null;
    }

    // Something came or changed: draw now, and go on for as long as anything moves.
    wake() {
      this._locate();
      if (!this.canvas || document.hidden) return;
      clearTimeout(this.timer);
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this._tick());
    }

    // Count each in the area it is in now, as soon as the areas are known.
    _locate() {
      const { areas, store } = this.view;
      if (!areas || !store.ready) return;
      if (this.located !== areas) this.areaAt = vigie.within.placer(areas, store.header.areas);
      this.located = areas;
      for (const [index, { last }] of this.fleet.vehicles) store.area[index] = this.areaAt(last.lon, last.lat);
    }

    _tick() {
      this.draw();
      const pace = this._pace();
      if (pace !== null) this.timer = setTimeout(() => this.wake(), pace);
    }

    // How long until the fastest has moved so far that it shows, ms; null when nothing moves.
    _pace() {
      const { mode } = this.view.store;
      const ms = performance.now();
      const moving = mode === "past" ? [] : [...this.fleet.vehicles.values()].filter((vehicle) => vehicle.moves(ms));
      if (!moving.length) return null;
      const px = this._pxPerMetre();
      const { metres } = vigie.fleet;
      const fastest = Math.max(...moving.map((one) => (metres(one.from, one.last) * px) / one.span));
      return Math.max(0, Math.min(SLOWEST_MS, STEP_PX / Math.max(fastest, 1e-6)));
    }

    _pxPerMetre() {
      const { lat } = this.map.getCenter();
      return (512 * 2 ** this.map.getZoom()) / (40075016 * Math.cos((lat * Math.PI) / 180));
    }

    draw() {
      const { view, map, canvas } = this;
      if (!canvas || !view.store.ready) return;
      const ms = performance.now();
      this.fleet.advance(ms);
      this._fit();
      const shown = this._shown(ms);
      const colours = vigie.look.themes[view.theme];
      const size = linear(SIZE, map.getZoom());
      for (const one of shown) this._trail(one, colours, size);
      this._pairs(shown, colours, size);
      for (const one of shown) this._body(one, colours, size);
      this._selection(shown, colours);
    }

    _fit() {
      const { canvas, context, map } = this;
      const { clientWidth, clientHeight } = map.getCanvas();
      const ratio = map.getPixelRatio();
      const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      Object.assign(canvas.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, clientWidth, clientHeight);
    }

    // What is on screen now and not left out by a filter, the abnormal last.
    _shown(ms) {
      const { store } = this.view;
      const { clientWidth, clientHeight } = this.map.getCanvas();
      const now = store.now();
      const hidden = store.hider();
      const found = [];
      for (const [index, vehicle] of this.fleet.vehicles) {
        if (!this.fleet.isPlaced(index) || hidden(index)) continue;
        const at = this.map.project([store.lon[index], store.lat[index]]);
        const outside = Math.max(-at.x, -at.y, at.x - clientWidth, at.y - clientHeight);
        if (outside > MARGIN_PX) continue;
        found.push({ index, vehicle, at, ms, now, state: store.classes[index], old: vehicle.oldness(now) });
      }
      const rank = ({ state }) => vigie.codes.ABNORMAL[state];
      return found.sort((a, b) => rank(a) - rank(b));
    }

    _trail({ vehicle, at, ms, now, old }, colours, size) {
      if (old === OLD.stale) return;
      const points = vehicle.trail(ms, now).map(({ lon, lat }) => this.map.project([lon, lat]));
      const { context } = this;
      context.lineCap = "round";
      context.strokeStyle = colours.glyphOn;
      context.lineWidth = Math.max(1.2, size * 0.34);
      [...points, at].forEach((to, place, all) => {
        if (!place) return;
        context.globalAlpha = 0.06 + (0.42 * place) / (all.length - 1);
        context.beginPath();
        context.moveTo(all[place - 1].x, all[place - 1].y);
        context.lineTo(to.x, to.y);
        context.stroke();
      });
      context.globalAlpha = 1;
    }

    // Those that run too close are joined by a broken line, each to the nearest of its line.
    _pairs(shown, colours, size) {
      const { context } = this;
      const bunched = shown.filter(({ state }) => state === CLASS.degraded);
      context.strokeStyle = colours.degradedLine;
      context.lineWidth = 1.8;
      context.setLineDash([2, 4]);
      for (const one of bunched) {
        const mates = bunched.filter((other) => other !== one && other.vehicle.line === one.vehicle.line);
        const far = (other) => vigie.fleet.metres(other.vehicle.at(one.ms), one.vehicle.at(one.ms));
        const mate = mates.sort((a, b) => far(a) - far(b))[0];
        if (!mate || far(mate) > PAIR_M) continue;
        context.beginPath();
        context.moveTo(one.at.x, one.at.y);
        context.lineTo(mate.at.x, mate.at.y);
        context.stroke();
      }
      context.setLineDash([]);
      for (const { at } of bunched) {
        context.beginPath();
        context.arc(at.x, at.y, size * 1.75 + 1, 0, 2 * Math.PI);
        context.stroke();
      }
    }

    _body({ vehicle, at, state, old }, colours, size) {
      const { context } = this;
      if (SYMBOLS.has(state)) this._symbol("status", NAMES[state], Math.max(15, size * 2.4), at, colours);
      else {
        const { fill, line } = dress(colours, vehicle, state, old);
        context.save();
        context.translate(at.x, at.y);
        context.scale(size, size);
        if (vehicle.heading !== null) context.rotate((vehicle.heading * Math.PI) / 180);
        const shape = vehicle.heading === null ? disc : arrow;
        // A halo of land first, so that it stands off the streets.
        Object.assign(context, { lineJoin: "round", strokeStyle: colours.land, lineWidth: 5 / size });
        context.stroke(shape);
        Object.assign(context, { fillStyle: fill, strokeStyle: line, lineWidth: 1.6 / size });
        context.fill(shape);
        if (line !== colours.land) context.stroke(shape);
        context.restore();
      }
      this._name(vehicle, at, state, old, colours, size);
    }

    _name({ line }, at, state, old, colours, size) {
      if (!line || this.map.getZoom() < NAME_ZOOM) return;
      const { context } = this;
      const x = at.x + size * 1.9 + 3;
      context.font = "600 13px SourceSans, sans-serif";
      Object.assign(context, { textBaseline: "middle", lineJoin: "round", lineWidth: 4, strokeStyle: colours.land });
      context.fillStyle = state === CLASS.degraded ? colours.degradedText : old === OLD.stale ? colours.grey : colours.ink2;
      context.strokeText(line, x, at.y);
      context.fillText(line, x, at.y);
    }

    _symbol(group, name, size, { x, y }, colours) {
      const { context } = this;
      context.save();
      context.translate(x - size / 2, y - size / 2);
      context.scale(size / 24, size / 24);
      context.fillStyle = colours.land;
      if (group === "status") context.fill(new Path2D("M12 2a10 10 0 1 0 .01 0Z"));
      for (const shape of vigie.look.symbols[group][name]) vigie.images.trace(context, shape, colours, colours.ink);
      context.restore();
    }

    _selection(shown, colours) {
      const one = shown.find(({ index }) => index === this.view.selected);
      if (one) this._symbol("mark", "selection", 46, one.at, colours);
    }
  }

  vigie.Vehicles = Vehicles;
})();
