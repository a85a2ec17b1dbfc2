// The live link: a snapshot, then the stream of changes, and a watchdog that says when the screen is not live.
// It is a plain script, so that it works when no callback does. window.vigie.live is its store.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  // The server beats every second. Three beats missed, and a little for the way, is a cut: on screen within 5 s.
  const SILENCE_MS = 3300;
  const LOOK_MS = 250;
  const SNAPSHOT_PATIENCE_MS = 6000;
  // They grow to two seconds and no further: whoever comes back after a long outage is seen within five.
  const PAUSE_MS = [300, 700, 1200, 1500];
  // The computer's clock ran on by so much more than the page's: it was asleep.
  const SLEPT_MS = 2000;

  // Stream ids are "<milliseconds>-<n>"; true when `a` is after `b`.
  function after(a, b) {
    const [a0, a1] = String(a).split("-").map(Number);
    const [b0, b1] = String(b).split("-").map(Number);
    return a0 !== b0 ? a0 > b0 : (a1 || 0) > (b1 || 0);
  }

  class Link {
    constructor(store, addresses) {
      this.store = store;
      this.addresses = addresses;
      this.sequence = null;
      this.loading = false;
      this.stale = false;
      this.pause = null;
      this.early = [];
      this.moved = new Map();
      this.tries = 0;
      this.heard = performance.now();
    }

    start() {
      if (this.watch) return;
      this.heard = performance.now();
      this.drift = Date.now() - performance.now();
      this.watch = setInterval(() => this._look(), LOOK_MS);
      document.addEventListener("visibilitychange", () => this._back());
      window.addEventListener("online", () => this._back());
      window.addEventListener("vigie:signed-out", () => this._out());
      this._load();
    }

    // Ask again now, for the impatient.
    retry() {
      this.tries = 0;
      this._later(0);
    }

    // --- snapshot ------------------------------------------------------------------------------------------

    async _load() {
      this.stale = this.loading;
      if (this.loading) return;
      this.loading = true;
      this.early = [];
      this.moved.clear();
      try {
        await this._snapshot();
      } catch (error) {
        console.warn("vigie: no snapshot:", error.message);
        this.loading = false;
        this._later();
      }
      // Asked for once more while this one was on its way: it may be older than what was missed.
      if (this.stale) this._load();
    }

    async _snapshot() {
      const asked = performance.now();
      const answer = await fetch(this.addresses.snapshot, {
        signal: AbortSignal.timeout(SNAPSHOT_PATIENCE_MS),
        cache: "no-store",
      });
      if (answer.status === 401 && vigie.session) vigie.session.over();
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const answered = performance.now();
      const shot = await answer.json();
      // It was told the time about half way between asking and the answer, and the rest took a while to come.
      this.store.clock.set(shot.server_time, (performance.now() - (asked + answered) / 2) / 1000);
      this._alive(shot.server_time);
      // The stream may run while the geometry is on its way: its frames wait in `early`.
      this.sequence = shot.sequence;
      if (!this.events) this._open();
      this.store.expect(shot.version);
      const geometry = await vigie.geometryAt(shot.geometry);
      if (geometry.count !== shot.count) throw new Error("snapshot and geometry differ");
      this.store.fill(shot.version, geometry, vigie.decode.bytes(shot.codes), shot.moves);
      this.loading = false;
      this._catchUp(shot.sequence);
      if (!this.events && !this.pause) this._open();
    }

    _catchUp(sequence) {
      const waiting = this.early.filter(({ id }) => after(id, sequence));
      this.early = [];
      for (const { id, data } of waiting) this._frame(id, data);
      this.store.move([...this.moved.values()]);
      this.moved.clear();
    }

    // --- stream --------------------------------------------------------------------------------------------

    _open() {
      this._close();
      const events = new EventSource(`${this.addresses.stream}?since=${encodeURIComponent(this.sequence || "")}`);
      this.events = events;
      const on = (kind, act) =>
        events.addEventListener(kind, (event) => {
          if (this.events !== events) return;
          const data = JSON.parse(event.data || "{}");
          this._alive(data.t);
          act(data, event.lastEventId);
        });
      on("frame", (data, id) => this._frame(id, data));
      on("moves", (data) => this._moves(data.m));
      on("beat", (data) => this._beat(data));
      on("notices", (rows) => this.store.notice(rows));
      on("alarms", (data) => this.store.alarmed(data));
      on("resync", () => this._load());
      on("reload", () => this._load());
      // The session is over, and the server says so before it closes the stream.
      on("ended", () => vigie.session && vigie.session.over());
      events.onerror = () => this.events === events && this._lost(events);
    }

    _close() {
      if (this.events) this.events.close();
      this.events = null;
    }

    // A stream that was refused is closed for good, and only asking tells whether it was for want of a session.
    _lost(events) {
      if (events.readyState === EventSource.CLOSED && vigie.session) vigie.session.check();
      this._later();
    }

    // Signed out: no more is asked for, and what is shown is of then.
    _out() {
      this.out = true;
      this._close();
      clearInterval(this.watch);
      clearTimeout(this.pause);
      this._show({ state: "out", retryAt: null });
    }

    _frame(id, data) {
      if (this.loading) {
        this.early.push({ id, data });
        return;
      }
      if (id) this.sequence = id;
      // Whoever reports a wrong point can quote the batch it came with: the logs know it by the same name.
      if (data.r) this.store.link.trace = data.r;
      if (!this.store.apply(vigie.decode.changes(data.c))) this._load();
    }

    // While a snapshot is on its way the newest of each is enough.
    _moves(rows) {
      if (this.loading) for (const row of rows) this.moved.set(row[0], row);
      else this.store.move(rows);
    }

    _beat(data) {
      this.store.clock.set(data.t);
      this.tries = 0;
      // Every heartbeat says it too: what was missed while the stream was cut is asked for within a second.
      if (data.alarms) this.store.alarmed(data.alarms);
      this._show({ state: data.source, late: data.late || [], source: data.source, unfed: data.unfed || null });
    }

    // --- watchdog ------------------------------------------------------------------------------------------

    // What waited on its way is as old as it is: a screen that trails behind is no more live than a silent one.
    _alive(serverSeconds) {
      const now = this.store.now();
      const late = serverSeconds && now !== null ? Math.max(0, now - serverSeconds) * 1000 : 0;
      this.heard = Math.max(this.heard, performance.now() - late);
      if (serverSeconds) this.store.link.frozen = serverSeconds;
    }

    // Seen again, or on line again: look at once, and do not sit out a pause.
    _back() {
      this._look();
      if (this.pause && !document.hidden) this.retry();
    }

    // A page that slept heard nothing meanwhile, though its own clock stood still: nothing on it is of now.
    _slept() {
      const drift = Date.now() - performance.now();
      const slept = drift - this.drift;
      this.drift = drift;
      if (slept < SLEPT_MS) return;
      this.heard -= slept;
      this.store.clock.slept(slept / 1000);
      this.retry();
    }

    _look() {
      this._slept();
      if (performance.now() - this.heard < SILENCE_MS) return;
      this._show({ state: "cut" });
      // A stream that is open but says nothing belongs to a hung server: leave it and ask anew.
      if (!this.pause && performance.now() - (this.asked || 0) > SILENCE_MS) this._later();
    }

    // Try again after a pause that grows a little and differs between screens, so that they do not all return at once.
    _later(pause) {
      this._close();
      if (this.out) return;
      this.stale = false;
      clearTimeout(this.pause);
      const base = PAUSE_MS[Math.min(this.tries, PAUSE_MS.length - 1)];
      const wait = pause === undefined ? base * (0.7 + 0.6 * Math.random()) : pause;
      this.tries += 1;
      this._show({ retryAt: performance.now() + wait });
      this.pause = setTimeout(() => this._again(), wait);
    }

    _again() {
      this.pause = null;
      this.asked = performance.now();
      this._show({ retryAt: null });
      if (this.store.ready && this.sequence) this._open();
      else this._load();
    }

    _show(changes) {
      const link = this.store.link;
      const same = Object.entries(changes).every(([name, value]) => JSON.stringify(link[name]) === JSON.stringify(value));
      if (!same) this.store.linked(changes);
    }
  }

  vigie.live = new vigie.Store("live");
  vigie.live.connection = new Link(vigie.live, { snapshot: "/live/snapshot", stream: "/live/stream" });
  vigie.live.start = () => vigie.live.connection.start();
  vigie.live.retry = () => vigie.live.connection.retry();
})();
