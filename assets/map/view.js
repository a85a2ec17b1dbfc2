// The map itself: MapLibre with our style, kept in step with a store. Knows nothing of React or Dash; what the
// operator does is handed to `report`.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const LIBRARY = "/assets/vendor/maplibre-gl.mjs";
  const LIBRARY_CSS = "/assets/vendor/maplibre-gl.css";
  const REACH_PX = 9;
  const HOVER_EVERY_MS = 250;
  const ABNORMAL_EVERY_MS = 150;
  const RESTATE_ALL = 0.25;

  let library = null;
  // The library, its stylesheet and the letters it draws with, fetched once for all maps of a page.
  function loadLibrary() {
    if (!library) {
      const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: LIBRARY_CSS });
      document.head.prepend(link);
      const letters = ["15px SourceMap", "600 15px SourceSans"].map((font) => document.fonts.load(font, "Éa1"));
      library = Promise.all([import(LIBRARY), Promise.allSettled(letters)]).then(([module]) => module);
      library.catch(() => (library = null));
    }
    return library;
  }

  const layersKnown = new Map();
  function baseLayer(name, version) {
    const url = `/map/${name}/${version}.json`;
    if (!layersKnown.has(url)) {
      const asked = fetch(url).then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`${url}: ${answer.status}`))));
      asked.catch(() => layersKnown.delete(url));
      layersKnown.set(url, asked);
    }
    return layersKnown.get(url);
  }

  class MapView {
    // `options`: {theme, labels, bounds, tiles}; `report`: {click, hover, move, clear, tip} functions.
    constructor(box, store, options, report) {
      Object.assign(this, { box, store, options, report, theme: options.theme, selected: null });
      this.inAbnormal = new Set();
      this.loaded = false;
      this.closed = false;
    }

    async open() {
      const maplibre = await loadLibrary();
      if (this.closed) return;
      const empty = vigie.mapStyle.nothing();
      this.map = new maplibre.Map({
        container: this.box,
        style: vigie.mapStyle.style(this.theme, { streets: empty, areas: empty }, this.options),
        bounds: this.options.bounds,
        fitBoundsOptions: { padding: this._padding() },
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        maxPitch: 0,
        minZoom: 8,
        maxZoom: 19,
        fadeDuration: 0,
        renderWorldCopies: false,
        locale: { "Map.Title": this.options.labels.name },
      });
      this.map.touchZoomRotate.disableRotation();
      this.map.keyboard.disableRotation();
      this.map.addControl(new maplibre.ScaleControl({ maxWidth: 96 }), "bottom-right");
      // Not "load", which waits for a first whole picture: sources may be filled as soon as the style stands.
      await new Promise((resolve) => this.map.once("style.load", resolve));
      if (this.closed) return;
      vigie.images.install(this.map, this.theme);
      this.loaded = true;
      this._listen();
      this.unsubscribe = this.store.subscribe((news) => this._take(news));
      if (this.store.ready) this._take({ geometry: true, all: true, changed: [], faults: [] });
    }

    close() {
      this.closed = true;
      if (this.unsubscribe) this.unsubscribe();
      clearTimeout(this.later);
      if (this.map) this.map.remove();
    }

    // --- what changes ------------------------------------------------------------------------------------------

    _take(news) {
      if (!this.store.ready) return;
      if (news.geometry) this._place();
      else if (news.all || news.filters) this._restateAll();
      else this._restate(news.changed);
      const touched = news.changed.some((index) => this.inAbnormal.has(index) || this._isShown(index));
      if (touched || news.geometry || news.all || news.filters || news.names || news.notices || news.recovered) {
        this._abnormalSoon();
      }
      if (news.filters || news.geometry) this._showArea();
      if (!news.geometry && !news.all) this._halo(news.faults);
    }

    _isShown(index) {
      const code = this.store.classes[index];
      return code !== vigie.codes.CLASS.normal && code !== vigie.codes.CLASS.active && code !== vigie.codes.CLASS.stale;
    }

    // A new layout: every point anew, and the streets and areas of that version.
    _place() {
      this.map.removeFeatureState({ source: "assets" });
      this.map.getSource("assets").setData(vigie.features.assets(this.store, this.store.hider()));
      if (this.selected !== null && this.selected >= this.store.count) this.selected = null;
      this._select();
      if (this.version === this.store.version) return;
      this.version = this.store.version;
      for (const name of ["areas", "streets"]) this._base(name, this.version);
    }

    async _base(name, version) {
      try {
        const data = await baseLayer(name, version);
        if (this.closed || version !== this.version) return;
        this.map.getSource(name).setData(data);
        if (name === "areas") this._areas(data);
      } catch (error) {
        // The city stays readable without its streets; the next layout asks again.
        console.warn("vigie: no base map:", error.message);
      }
    }

    // The city is as large as its areas; until they came, the page's bounds stood in for them.
    _areas(data) {
      this.areas = data;
      this.map.getSource("area-names").setData(vigie.features.areaNames(data));
      this.whole = data.features.length ? boundsOf(data.features.map(({ geometry }) => geometry)) : null;
      if (!this.steered) this.fit(this.whole, 0);
      this._showArea();
    }

    _restate(changed) {
      if (changed.length > this.store.count * RESTATE_ALL) return this._restateAll();
      const hidden = this.store.hider();
      for (const index of changed) this._state(index, hidden);
      if (this.selected !== null && changed.length) this._select();
    }

    _restateAll() {
      const hidden = this.store.hider();
      for (let index = 0; index < this.store.count; index++) this._state(index, hidden);
      this._select();
    }

    _state(index, hidden) {
      this.map.setFeatureState({ source: "assets", id: index }, { k: hidden(index) ? -1 : this.store.classes[index] });
    }

    // The small source of abnormal assets is made anew a few times a second at most, however much changes.
    _abnormalSoon() {
      if (this.later) return;
      const wait = Math.max(0, (this.abnormalAt || 0) + ABNORMAL_EVERY_MS - performance.now());
      this.later = setTimeout(() => this._abnormal(), wait);
    }

    _abnormal() {
      this.later = null;
      this.abnormalAt = performance.now();
      const data = vigie.features.abnormal(this.store, this.store.hider());
      this.inAbnormal = new Set(data.features.map((feature) => feature.id));
      this.map.getSource("abnormal").setData(data);
    }

    // An urgent fault that happens now is announced where it is, once.
    _halo(faults) {
      const urgent = faults.filter((index) => this.store.priority(index) <= 2 && !this.store.hider()(index));
      for (const index of urgent.slice(0, 5)) {
        const at = this.map.project([this.store.lon[index], this.store.lat[index]]);
        const ring = Object.assign(document.createElement("div"), { className: "map-news" });
        ring.style.transform = `translate(${at.x}px, ${at.y}px)`;
        ring.addEventListener("animationend", () => ring.remove());
        this.map.once("movestart", () => ring.remove());
        this.map.getCanvasContainer().append(ring);
      }
    }

    // --- what the page asks ----------------------------------------------------------------------------------

    setTheme(theme) {
      if (theme === this.theme) return;
      const before = this.theme;
      this.theme = theme;
      if (!this.loaded) return;
      vigie.images.install(this.map, theme);
      vigie.mapStyle.recolour(this.map, before, theme, this.options);
    }

    select(index) {
      this.selected = index === undefined ? null : index;
      if (this.loaded && this.store.ready) this._select();
    }

    _select() {
      const index = this.selected !== null && this.selected < this.store.count ? this.selected : null;
      this.map.getSource("selection").setData(vigie.features.selection(this.store, index));
      this.map.getSource("links").setData(vigie.features.links(this.store, index));
    }

    _showArea() {
      const id = this.store.filters.area;
      const chosen = id !== null && ["==", ["get", "id"], id];
      const kind = this.areas && this.areas.features.find(({ properties }) => properties.id === id);
      const siblings = kind ? ["==", ["get", "kind"], kind.properties.kind] : vigie.mapStyle.NEVER;
      this.map.setFilter("area-chosen", chosen || vigie.mapStyle.NEVER);
      this.map.setFilter("areas-left-out", chosen ? ["all", siblings, ["!", chosen]] : vigie.mapStyle.NEVER);
      if (id === this.fitted || !this.areas) return;
      if (this.fitted !== undefined || kind) this.fit(kind && boundsOf([kind.geometry]));
      this.fitted = id;
    }

    // Show `bounds`, or the whole city.
    fit(bounds, duration = 500) {
      const to = bounds || this.whole || this.options.bounds;
      if (this.loaded && to) this.map.fitBounds(to, { padding: this._padding(), duration });
    }

    fly([lon, lat, zoom]) {
      this.steered = true;
      if (!this.loaded) this.waitingFlight = [lon, lat, zoom];
      else this.map.flyTo({ center: [lon, lat], zoom: zoom || Math.max(this.map.getZoom(), 15), duration: 700 });
    }

    zoom(step) {
      this.steered = true;
      if (this.loaded) this.map.easeTo({ zoom: this.map.getZoom() + step, duration: 200 });
    }

    _padding() {
      const wide = this.box.clientWidth > 1000;
      return { top: 18, bottom: 34, left: wide ? 70 : 12, right: wide ? 20 : 12 };
    }

    // --- what the operator does ------------------------------------------------------------------------------

    _listen() {
      const { map, report } = this;
      map.on("click", (event) => report.click(this._at(event)));
      map.on("mousemove", (event) => this._hover(event));
      map.getCanvas().addEventListener("mouseleave", () => this._left());
      map.on("movestart", (event) => {
        report.tip(null);
        if (event.originalEvent) this.steered = true;
      });
      map.on("moveend", () => this._moved());
      map.getCanvas().addEventListener("keydown", (event) => event.key === "Escape" && report.clear());
      if (this.waitingFlight) this.fly(this.waitingFlight);
      this._moved();
    }

    _at(event) {
      if (!this.store.ready) return null;
      return vigie.pointing.nearest(this.store, event.lngLat, this.map.getZoom(), REACH_PX);
    }

    _hover(event) {
      if (this.map.isMoving()) return;
      const index = this._at(event);
      this.map.getCanvas().style.cursor = index === null ? "" : "pointer";
      this.report.tip(index === null ? null : { index, x: event.point.x, y: event.point.y });
      this._hovered(index);
    }

    _left() {
      this.report.tip(null);
      this._hovered(null);
    }

    _hovered(index) {
      if (index === this.under) return;
      this.under = index;
      clearTimeout(this.hovering);
      this.hovering = setTimeout(() => !this.closed && this.report.hover(index), HOVER_EVERY_MS);
    }

    _moved() {
      const { lng, lat } = this.map.getCenter();
      const bounds = this.map.getBounds().toArray().flat();
      const five = (value) => Math.round(value * 1e5) / 1e5;
      this.report.move({
        center: [five(lng), five(lat)],
        zoom: Math.round(this.map.getZoom() * 100) / 100,
        bounds: bounds.map(five),
      });
    }
  }

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

  vigie.MapView = MapView;
  vigie.baseLayer = baseLayer;
  vigie.maps = new Map();
})();
