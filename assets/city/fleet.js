// Where what moves is at any instant between its fixes. A new fix is approached on a straight line over the time
// between the fixes; without another one the asset goes on for one period at most, then it stands and grows old.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const TRAIL_S = 120;
  const FIXES_MOST = 40;
  const FORGOTTEN_S = 900;
  const SPAN_S = [1, 60];
  // Farther than this between two fixes, or longer, is no way anybody saw it go: it is simply there.
  const JUMP_M = 1500;
  const JUMP_S = 180;
  const STANDING_M = 4;
  const EARTH_M = 111195;

  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  function metres(a, b) {
    const x = (b.lon - a.lon) * Math.cos((a.lat * Math.PI) / 180);
    return Math.hypot(x, b.lat - a.lat) * EARTH_M;
  }

  function headingOf(a, b) {
    const x = (b.lon - a.lon) * Math.cos((a.lat * Math.PI) / 180);
    return ((Math.atan2(x, b.lat - a.lat) * 180) / Math.PI + 360) % 360;
  }

  const between = (a, b, share) => ({ lon: a.lon + (b.lon - a.lon) * share, lat: a.lat + (b.lat - a.lat) * share });

  // [t, lon, lat, t, lon, lat...] -> fixes.
  function fixesOf(flat) {
    const fixes = [];
    for (let at = 0; at + 2 < flat.length; at += 3) fixes.push({ t: flat[at], lon: flat[at + 1], lat: flat[at + 2] });
    return fixes;
  }

  class Vehicle {
    // `frozen`: an instant of the past, in which everybody stands where it was last seen.
    constructor(index, period, frozen) {
      Object.assign(this, { index, period, frozen, line: "", bearing: null, speed: null, fixes: [], heading: null });
    }

    get last() {
      return this.fixes[this.fixes.length - 1];
    }

    // Take over newer fixes at `ms` of the page's clock; `age` is how old the newest is, s. False: nothing new.
    take(line, bearing, speed, fixes, ms, age) {
      const newer = fixes.filter(({ t }) => !this.last || t > this.last.t);
      if (!newer.length) return false;
      const shown = this.last ? this.at(ms) : null;
      this.fixes.push(...newer);
      this.fixes.splice(0, Math.max(0, this.fixes.length - FIXES_MOST));
      Object.assign(this, { line, bearing, speed });
      this._aim(shown, ms, newer.length > 1 ? age : 0);
      return true;
    }

    // From where it is shown to its newest fix. Several fixes at once are a snapshot: it is under way already.
    _aim(shown, ms, age) {
      const before = this.fixes[this.fixes.length - 2];
      const gap = before ? this.last.t - before.t : 0;
      this.span = Math.min(SPAN_S[1], Math.max(SPAN_S[0], gap)) * 1000;
      this.start = ms - Math.min(Math.max(0, age) * 1000, 2 * this.span);
      const jumps = !before || gap > JUMP_S || metres(before, this.last) > JUMP_M;
      this.from = jumps ? this.last : shown || before;
      // What it does in one period more, should no fix come: the same again, unless it stood or says it stands.
      const stands = jumps || this.speed === 0 || metres(before, this.last) < STANDING_M;
      this.beyond = stands ? this.last : between(before, this.last, 1 + this.span / (gap * 1000));
      if (jumps) this.trailFrom = this.last.t;
      const way = metres(this.from, this.last) > STANDING_M ? headingOf(this.from, this.last) : null;
      this.heading = way !== null ? way : this.bearing !== null ? this.bearing : this.heading;
    }

    // 0 at the start of the way to the newest fix, 1 there, 2 when it goes no farther.
    progress(ms) {
      return this.frozen || still.matches ? 1 : Math.max(0, Math.min(2, (ms - this.start) / this.span));
    }

    at(ms) {
      const share = this.progress(ms);
      return share <= 1 ? between(this.from, this.last, share) : between(this.last, this.beyond, share - 1);
    }

    moves(ms) {
      const share = this.progress(ms);
      if (this.frozen || still.matches || share >= 2) return false;
      return share < 1 ? metres(this.from, this.last) > 0.1 : this.beyond !== this.last;
    }

    // Where it came by in the last two minutes, oldest first, as far as it is shown to have come.
    trail(ms, now) {
      const passed = this.progress(ms) > 1 ? this.fixes : this.fixes.slice(0, -1);
      return passed.filter(({ t }) => t >= now - TRAIL_S && t >= (this.trailFrom || 0));
    }

    // 0 live, 1 late, 2 stale: as model/states.py judges it.
    oldness(now) {
      const age = now - this.last.t;
      return age > Math.max(3 * this.period, 30) ? 2 : age > 2 * this.period ? 1 : 0;
    }
  }

  // The moving assets of a store. Their places are written into its columns: NaN where they are nowhere.
  class Fleet {
    constructor(store) {
      this.store = store;
      this.vehicles = new Map();
    }

    // Columns of a new layout came: nothing that moves is anywhere yet.
    place() {
      const { store } = this;
      this.vehicles.clear();
      this.types = store.header.types.map((type) => Boolean(type.moving));
      for (let index = 0; index < store.count; index++) if (this.isMoving(index)) this._nowhere(index);
    }

    isMoving(index) {
      return this.types[this.store.type[index]];
    }

    isPlaced(index) {
      return Number.isFinite(this.store.lon[index]);
    }

    _nowhere(index) {
      this.vehicles.delete(index);
      this.store.lon[index] = this.store.lat[index] = NaN;
    }

    // All rows of a snapshot: who is not among them is nowhere any more.
    fill(rows) {
      const named = new Set(rows.map(([index]) => index));
      const past = this.store.mode === "past";
      for (const index of [...this.vehicles.keys()]) if (past || !named.has(index)) this._nowhere(index);
      this.take(rows);
    }

    // Rows of the wire: [index, line, bearing, speed, [t, lon, lat...]]. True when something changed.
    take(rows, ms = performance.now()) {
      const now = this.store.now();
      let changed = false;
      for (const [index, line, bearing, speed, flat] of rows) {
        if (index >= this.store.count || !this.isMoving(index)) continue;
        if (!flat.length) this._nowhere(index);
        else if (!this._vehicle(index).take(line, bearing, speed, fixesOf(flat), ms, now - flat[flat.length - 3])) continue;
        changed = true;
      }
      if (changed) this.advance(ms);
      return changed;
    }

    _vehicle(index) {
      if (!this.vehicles.has(index)) {
        const { period } = this.store.header.types[this.store.type[index]];
        this.vehicles.set(index, new Vehicle(index, period, this.store.mode === "past"));
      }
      return this.vehicles.get(index);
    }

    // Put everybody where it is at `ms`, and let go of whom nothing was heard of for long.
    advance(ms = performance.now()) {
      const { store } = this;
      const now = store.now();
      for (const [index, vehicle] of this.vehicles) {
        if (now - vehicle.last.t > FORGOTTEN_S) {
          this._nowhere(index);
          continue;
        }
        const hidden = store.classes[index] === vigie.codes.CLASS.out_of_service;
        const { lon, lat } = hidden ? { lon: NaN, lat: NaN } : vehicle.at(ms);
        store.lon[index] = lon;
        store.lat[index] = lat;
      }
    }

    get(index) {
      return this.vehicles.get(index);
    }
  }

  vigie.Fleet = Fleet;
  vigie.fleet = { metres };
})();
