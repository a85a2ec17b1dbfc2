// The map itself: MapLibre with our style, kept in step with a store. Knows nothing of React or Dash; what the
// operator does is handed to `report`.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { loadLibrary, fetchLayer, patience, boundsOf } = vigie.loading;
  const ABNORMAL_EVERY_MS = 150;
  // While the hand of the past is dragged, pictures of the city matter more than symbols of each.
  const QUIET_EVERY_MS = 300;
  const LAYERS = ["areas", "streets"];
  const BASE_PATIENCE_MS = 1500;

  class MapView {
    // `options`: {theme, labels, bounds, tiles, help: the id of what describes it}; `report`: the functions click,
    // hover, move, clear and tip.
    constructor(box, store, options, report) {
      Object.assign(this, { box, store, options, report, theme: options.theme, selected: null });
      this.inAbnormal = new Set();
      this.points = new vigie.Points(this.theme);
      this.vehicles = new vigie.Vehicles(this);
      this.base = {};
      this.built = false;
      this.loaded = false;
      this.closed = false;
      // Streets and areas are asked for as soon as the layout is known, beside the positions of its assets.
      this.stopBase = store.subscribe((news) => news.coming && LAYERS.forEach((name) => fetchLayer(name, news.coming)));
    }

    // `camera` is {center, zoom}; without one the first view fits the city.
    async open(camera) {
      const maplibre = await loadLibrary();
      if (this.closed) return;
      this.map = new maplibre.Map({
        container: this.box,
        style: vigie.mapStyle.bare(this.theme),
        ...(camera || { bounds: this.options.bounds, fitBoundsOptions: { padding: this._padding() } }),
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        maxPitch: 0,
        minZoom: 8,
        maxZoom: 19,
        fadeDuration: 0,
        renderWorldCopies: false,
      });
      this.map.touchZoomRotate.disableRotation();
      this.map.keyboard.disableRotation();
      this.map.addControl(new maplibre.ScaleControl({ maxWidth: 96 }), "bottom-right");
      // Not "load", which waits for a first whole picture: sources may be filled as soon as the style stands.
      await new Promise((resolve) => this.map.once("style.load", resolve));
      if (this.closed) return;
      vigie.images.install(this.map, this.theme);
      this.loaded = true;
      this._name();
      vigie.listen(this);
      this.vehicles.open(this.map);
      if (this.waitingFlight) this.fly(this.waitingFlight);
      this.waitingFlight = null;
      this.stopCity = this.store.subscribe((news) => this._take(news));
      if (this.store.ready) this._take({ geometry: true, all: true, changed: [], faults: [] });
    }

    close() {
      this.closed = true;
      this.stopBase();
      if (this.stopCity) this.stopCity();
      clearTimeout(this.later);
      this.vehicles.close();
      if (this.map) this.map.remove();
    }

    // A graphics card that was taken away gives back an empty one: the map is made anew where it was.
    async again() {
      const camera = { center: this.map.getCenter(), zoom: this.map.getZoom() };
      this.stopCity();
      clearTimeout(this.later);
      this.vehicles.close();
      this.map.remove();
      Object.assign(this, { loaded: false, built: false, later: null, version: undefined, steered: true, base: {} });
      await this.open(camera);
    }

    // --- what changes ------------------------------------------------------------------------------------------

    _take(news) {
      if (!this.store.ready) return;
      this.vehicles.wake();
      if (news.geometry) return this._place();
      // What changes while a layout is being placed is in the points it will place.
      if (this.placing) return;
      if (news.all || news.filters) this._restateAll();
      else this._restate(news.changed);
      const touched = news.changed.some((index) => this.inAbnormal.has(index) || this._isShown(index));
      if (touched || news.all || news.filters || news.names || news.notices || news.recovered || news.difference) {
        this._abnormalSoon();
      }
      if (news.filters) this._showArea();
      if (!news.all && !this.store.quiet) this._halo(news.faults);
    }

    _isShown(index) {
      const code = this.store.classes[index];
      return code !== vigie.codes.CLASS.normal && code !== vigie.codes.CLASS.active && code !== vigie.codes.CLASS.stale;
    }

    // A new layout: the streets and areas of that version, and every point anew. The base is waited for a little,
    // so that camera and tiles are settled before anything is cut into them.
    async _place() {
      const version = this.store.version;
      if (this.version !== version) {
        this.version = version;
        this.placing = true;
        const base = LAYERS.map((name) => fetchLayer(name, version).then((data) => this._base(name, version, data)));
        await Promise.race([Promise.all(base), patience(BASE_PATIENCE_MS)]);
        if (this.closed || this.version !== version) return;
        this.placing = false;
      }
      if (this.selected !== null && this.selected >= this.store.count) this.selected = null;
      const hidden = this.store.hider();
      this.lamp = vigie.features.isLamp(this.store);
      this.points.place(this.store, this.lamp);
      for (let index = 0; index < this.store.count; index++) this._point(index, hidden);
      this._draw({
        ...this.base,
        equipment: vigie.features.equipment(this.store, this.lamp, hidden),
        ...this._selection(),
        abnormal: this._abnormalNow(hidden),
      });
      this._showArea();
    }

    _draw(data) {
      if (!this.built) vigie.mapStyle.build(this.map, this.theme, this.points, data, this.options);
      else {
        this.map.removeFeatureState({ source: "equipment" });
        for (const [name, source] of Object.entries(data)) this.map.getSource(name).setData(source);
      }
      this.built = true;
    }

    // A layer of the base came: drawn at once when the map stands, else with the rest.
    _base(name, version, data) {
      if (!data || this.closed || version !== this.version) return;
      this.base[name] = data;
      if (name === "areas") this._areas(data);
      if (this.built && !this.placing) this.map.getSource(name).setData(data);
    }

    // The city is as large as its areas; until they came, the page's bounds stood in for them. Who sees a part
    // of it begins with that part.
    _areas(data) {
      this.areas = data;
      this.base["area-names"] = vigie.features.areaNames(data);
      if (this.built && !this.placing) this.map.getSource("area-names").setData(this.base["area-names"]);
      const whole = data.features.length && !this.options.part;
      this.whole = whole ? boundsOf(data.features.map(({ geometry }) => geometry)) : null;
      if (!this.steered) this.fit(this.whole, 0);
      this._showArea();
    }

    _restate(changed) {
      const hidden = this.store.hider();
      for (const index of changed) this._state(index, hidden);
      this.points.draw();
      if (this.selected !== null && changed.length) this._select();
    }

    _restateAll() {
      const hidden = this.store.hider();
      for (let index = 0; index < this.store.count; index++) this._state(index, hidden);
      this.points.draw();
      this._select();
    }

    _state(index, hidden) {
      const k = this._point(index, hidden);
      if (!this.lamp[index]) this.map.setFeatureState({ source: "equipment", id: index }, { k });
    }

    _point(index, hidden) {
      const k = hidden(index) ? -1 : this.store.classes[index];
      this.points.set(index, k);
      return k;
    }

    // The small source of abnormal assets is made anew a few times a second at most, however much changes.
    _abnormalSoon() {
      if (this.later) return;
      const every = this.store.quiet ? QUIET_EVERY_MS : ABNORMAL_EVERY_MS;
      const wait = Math.max(0, (this.abnormalAt || 0) + every - performance.now());
      this.later = setTimeout(() => this._abnormal(), wait);
    }

    _abnormal() {
      this.later = null;
      this.map.getSource("abnormal").setData(this._abnormalNow(this.store.hider()));
    }

    _abnormalNow(hidden) {
      this.abnormalAt = performance.now();
      const data = vigie.features.abnormal(this.store, hidden);
      this.inAbnormal = new Set(data.features.map((feature) => feature.id));
      return data;
    }

    // An urgent fault that happens now is announced where it is, once.
    _halo(faults) {
      const { store } = this;
      const urgent = faults.filter((at) => store.priority(at) <= 2 && store.fleet.isPlaced(at) && !store.hider()(at));
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
      this.points.setTheme(theme);
      this.vehicles.wake();
      vigie.mapStyle.recolour(this.map, before, theme, this.options);
    }

    // The canvas is what a screen reader meets; its name follows the page's language.
    setLabels(labels) {
      this.options = { ...this.options, labels };
      if (this.map) this._name();
    }

    _name() {
      const canvas = this.map.getCanvas();
      canvas.setAttribute("aria-label", this.options.labels.name);
      canvas.setAttribute("aria-describedby", this.options.help);
    }

    select(index) {
      this.selected = index === undefined ? null : index;
      if (this.built) this._select();
    }

    _select() {
      this.vehicles.wake();
      for (const [name, data] of Object.entries(this._selection())) this.map.getSource(name).setData(data);
    }

    _selection() {
      const index = this.selected;
      const shown = index !== null && index < this.store.count ? index : null;
      return { selection: vigie.features.selection(this.store, shown), links: vigie.features.links(this.store, shown) };
    }

    _showArea() {
      if (!this.built) return;
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
      // Where there is room the city stands beside the legend, not under it.
      const wide = this.box.clientWidth > 1000;
      return { top: 18, bottom: 34, left: wide ? 236 : 12, right: wide ? 70 : 12 };
    }
  }

  vigie.MapView = MapView;
  vigie.maps = new Map();
})();
