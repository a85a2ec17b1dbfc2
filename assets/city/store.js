// The city in typed arrays, the filters it is seen through, and who wants to know when it changes.
// window.vigie.live and window.vigie.past are two of these: same interface, two shelves.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const RECOVERED_SHOWN_MS = 8000;
  const RECOVERED_MOST = 60;
  const PICTURE_MS = 16;
  const NOTICES_KEPT = 200;
  const OUTSIDE = 255;
  const GEOMETRY_PATIENCE_MS = 30000;

  class Store {
    constructor(mode) {
      this.mode = mode;
      this.ready = false;
      this.version = null;
      this.count = 0;
      this.header = { types: [], areas: [], box: null };
      this.codes = new Uint8Array(0);
      this.classes = new Uint8Array(0);
      this.filters = { domains: null, statuses: null, area: null };
      this.names = new Map();
      this.notices = [];
      this.noticed = 0;
      this.recovered = new Map();
      // What changed between two instants instead of what is, where that is shown: {kinds, hidden} (past/difference.js).
      this.difference = null;
      // What the alarms know of an asset (alarms/marks.js): {as: cause, handled or consequence, priority, consequences}.
      this.marks = new Map();
      this.attention = 0;
      this.alarms = undefined;
      this.watched = null;
      this.link = { state: "starting", frozen: null, late: [], source: null, retryAt: null, attempts: 0 };
      this.clock = new vigie.ServerClock();
      this.fleet = new vigie.Fleet(this);
      this.listeners = new Set();
      this.flushed = 0;
      this.news = this._noNews();
    }

    // --- what it holds -------------------------------------------------------------------------------------

    // Take a whole city: columns from vigie.decode.geometry, one display code an asset, rows of what moves.
    fill(version, geometry, codes, moves = []) {
      const moved = version !== this.version || !this.ready;
      if (moved) this._place(version, geometry);
      this.codes = codes;
      this.classes = vigie.codes.classesOf(codes);
      for (const index of this.marks.keys()) this.classes[index] = this._classAt(index);
      this.ready = true;
      this.attention += 1;
      this.fleet.fill(moves);
      this._tell({ geometry: moved, all: true, moved: true });
    }

    // A layout is on its way: who draws more than its assets may begin to fetch.
    expect(version) {
      if (version !== this.version) this._tell({ coming: version });
    }

    _place(version, geometry) {
      // Places are our own: those of what moves change, and live and past share the geometry.
      const own = { lon: geometry.lon.slice(), lat: geometry.lat.slice(), area: geometry.area.slice() };
      Object.assign(this, geometry, own);
      this.version = version;
      this.fleet.place();
      this.dirty = new Uint8Array(this.count);
      this.marks = new Map();
      this.domains = [...new Set(this.header.types.map((type) => type.domain))];
      this.domainOfType = Uint8Array.from(this.header.types, (type) => this.domains.indexOf(type.domain));
      this.names.clear();
      this.recovered.clear();
      this._children = null;
    }

    // Apply packed changes (index << 8 | code); false when one is outside this layout.
    apply(changes) {
      for (const change of changes) {
        const index = change >>> 8;
        if (index >= this.count) return false;
        this._change(index, change & 255);
      }
      if (changes.length) this._tell({});
      return true;
    }

    // Rows of what moves (fleet.js); nothing without a whole city.
    move(rows) {
      if (this.ready && this.fleet.take(rows)) this._tell({ moved: true });
    }

    _change(index, code) {
      this.codes[index] = code;
      this._reclass(index);
    }

    _classAt(index) {
      const mark = this.marks.get(index);
      return mark ? vigie.codes.markedAs(this.codes[index], mark.as) : vigie.codes.classOf(this.codes[index]);
    }

    _reclass(index) {
      const before = this.classes[index];
      const after = this._classAt(index);
      if (before === after) return;
      this.classes[index] = after;
      const { ABNORMAL } = vigie.codes;
      if (ABNORMAL[before] || ABNORMAL[after]) this.attention += 1;
      if (before === vigie.codes.CLASS.fault && !ABNORMAL[after]) this._recover(index);
      if (after === vigie.codes.CLASS.fault) this.news.faults.push(index);
      if (!this.dirty[index]) {
        this.dirty[index] = 1;
        this.news.changed.push(index);
      }
    }

    // Good news is shown for a few seconds, and only for what somebody would have been sent to.
    _recover(index) {
      if (this.priority(index) > 3 || this.recovered.size >= RECOVERED_MOST) return;
      this.recovered.set(index, performance.now() + RECOVERED_SHOWN_MS);
      setTimeout(() => {
        this.recovered.delete(index);
        this._tell({ recovered: true });
      }, RECOVERED_SHOWN_MS);
    }

    // --- questions -----------------------------------------------------------------------------------------

    now() {
      return this.clock.now();
    }

    priority(index) {
      return this.header.types[this.type[index]].priority;
    }

    typeName(index) {
      return this.header.types[this.type[index]].name;
    }

    areaOf(index) {
      return this.area[index] === OUTSIDE ? null : this.header.areas[this.area[index]];
    }

    // Live indices of what `index` feeds or commands.
    children(index) {
      if (!this._children) this._children = childrenOf(this.parent, this.count);
      return this._children.get(index) || [];
    }

    // --- filters -------------------------------------------------------------------------------------------

    // `name` is domains, statuses (arrays of names, null for all) or area (an id, null for the whole city).
    filter(name, value) {
      const wanted = value === undefined ? null : value;
      if (JSON.stringify(wanted) === JSON.stringify(this.filters[name])) return;
      this.filters = { ...this.filters, [name]: wanted };
      this._tell({ filters: true });
    }

    // A function of an index: is it left out by the filters now?
    hider() {
      const domains = this.domains || [];
      const offDomain = domains.map((name) => this.filters.domains !== null && !this.filters.domains.includes(name));
      const offType = Array.from(this.domainOfType || [], (domain) => offDomain[domain]);
      const offClass = vigie.codes.NAMES.map(
        (name) => this.filters.statuses !== null && !this.filters.statuses.includes(name)
      );
      const place = this.areaPlace();
      return (index) =>
        offType[this.type[index]] || offClass[this.classes[index]] || (place >= 0 && this.area[index] !== place);
    }

    // The drilled-down area's place in the columns; -1 for the whole city.
    areaPlace() {
      const wanted = this.filters.area;
      return wanted === null ? -1 : this.header.areas.findIndex((area) => area.id === wanted);
    }

    // {domains: [{name, total, classes[10]}], classes[10] of the domains shown}; both of the area drilled down to.
    counts() {
      const width = vigie.codes.NAMES.length;
      const names = this.domains || [];
      const table = new Int32Array(names.length * width);
      const place = this.areaPlace();
      for (let index = 0; index < this.count; index++) {
        if (place >= 0 && this.area[index] !== place) continue;
        table[this.domainOfType[this.type[index]] * width + this.classes[index]] += 1;
      }
      const domains = names.map((name, at) => {
        const classes = Array.from(table.subarray(at * width, (at + 1) * width));
        return { name, classes, total: classes.reduce((sum, n) => sum + n, 0) };
      });
      const shown = domains.filter(({ name }) => this.filters.domains === null || this.filters.domains.includes(name));
      return { domains, classes: vigie.codes.NAMES.map((_, at) => shown.reduce((sum, d) => sum + d.classes[at], 0)) };
    }

    // --- news ----------------------------------------------------------------------------------------------

    notice(rows) {
      for (const row of rows) this.names.set(row.index, row.name);
      this.noticed += rows.length;
      this.notices = [...rows.slice().reverse(), ...this.notices].slice(0, NOTICES_KEPT);
      this._tell({ notices: true });
    }

    // Something about alarms changed (`n` rises): what is shown of them is asked for anew. `w` is how far the
    // engine has seen, in server seconds; a list that is watched no more says so.
    alarmed({ n, w }) {
      this.watched = w;
      if (n === this.alarms) return;
      this.alarms = n;
      this._tell({ alarms: true });
    }

    // The alarms' own word on what is wrong: causes, what somebody has in hand, what follows from a cause. Of another
    // layout it means nothing here.
    mark(found) {
      if (!this.ready || found.layout !== this.version) return;
      const before = this.marks;
      this.marks = marksOf(found, this.count);
      for (const index of new Set([...before.keys(), ...this.marks.keys()])) {
        const [old, now] = [before.get(index), this.marks.get(index)];
        if (JSON.stringify(old) !== JSON.stringify(now)) this._remark(index);
      }
      found.index.forEach((index, at) => index >= 0 && found.name[at] && this.names.set(index, found.name[at]));
      this._tell({ names: true });
    }

    _remark(index) {
      this._reclass(index);
      if (this.dirty[index]) return;
      this.dirty[index] = 1;
      this.news.changed.push(index);
    }

    name(pairs) {
      for (const [index, name] of pairs) this.names.set(index, name);
      this._tell({ names: true });
    }

    differ(difference) {
      if (difference === this.difference) return;
      this.difference = difference;
      this._tell({ difference: true });
    }

    linked(changes) {
      Object.assign(this.link, changes);
      this._tell({ link: true });
    }

    // Call `listener(news)` at most once an animation frame; news says what changed since the last one:
    // {geometry, all, filters, link, notices, names, recovered, difference, moved, alarms: booleans, coming: the version of a layout on its way,
    // changed, faults: live indices}.
    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    _noNews() {
      return { changed: [], faults: [] };
    }

    _tell(what) {
      for (const [name, value] of Object.entries(what)) if (value) this.news[name] = value;
      if (this.waiting) return;
      this.waiting = true;
      // A lone frame is passed on at once, so that the map draws it in the very next picture; a burst is gathered.
      if (performance.now() - this.flushed > PICTURE_MS) queueMicrotask(() => this._flush());
      else requestAnimationFrame(() => this._flush());
    }

    _flush() {
      const news = this.news;
      this.waiting = false;
      this.flushed = performance.now();
      this.news = this._noNews();
      for (const index of news.changed) this.dirty[index] = 0;
      for (const listener of this.listeners) listener(news);
    }
  }

  // Of several alarms of one asset the most telling counts: a cause that waits, one in hand, a consequence.
  function marksOf(found, count) {
    const marks = new Map();
    for (const index of found.behind) if (index < count) marks.set(index, { as: "consequence", priority: 4, consequences: 0 });
    for (let at = found.index.length - 1; at >= 0; at--) {
      const index = found.index[at];
      // What is over but not yet acknowledged stands in the list, not on the map.
      if (index < 0 || index >= count || !found.active[at]) continue;
      const as = found.acknowledged[at] ? "handled" : "cause";
      marks.set(index, { as, priority: found.priority[at], consequences: found.consequences[at] });
    }
    return marks;
  }

  function childrenOf(parent, count) {
    const table = new Map();
    for (let index = 0; index < count; index++) {
      if (parent[index] < 0) continue;
      if (!table.has(parent[index])) table.set(parent[index], []);
      table.get(parent[index]).push(index);
    }
    return table;
  }

  // Geometry is immutable for a version, so the live and the past store fetch it once between them.
  const known = new Map();
  function geometryAt(url) {
    if (!known.has(url)) {
      const asked = fetch(url, { signal: AbortSignal.timeout(GEOMETRY_PATIENCE_MS) })
        .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error(`${url}: ${answer.status}`))))
        .then(vigie.decode.geometry);
      asked.catch(() => known.delete(url));
      known.set(url, asked);
    }
    return known.get(url);
  }

  vigie.Store = Store;
  vigie.geometryAt = geometryAt;
  vigie.store = (mode) => (mode === "past" ? vigie.past : vigie.live);
})();
