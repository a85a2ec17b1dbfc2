// The one clock of the past: the instant shown, the flags A and B, the speed, and the stretch of time seen on the
// timeline. Everything on the page that has a time asks it; nothing else holds one.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const LEAST_SPAN_S = 3600;
  const MOST_SPAN_S = 400 * 86400;
  const SPEEDS = [1, 10, 60, 600, 3600];
  // The hand may rest so near B and still be at it, s.
  const AT_FLAG_S = 1;
  // Where the hand comes to stand when it leaves the stretch seen, as a share of it.
  const KEPT_SHARE = 0.8;

  const iso = (seconds) => new Date(Math.round(seconds) * 1000).toISOString().replace(".000", "");
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const seconds = (text) => (text ? Date.parse(text) / 1000 || null : null);

  class PastClock {
    constructor() {
      Object.assign(this, { at: null, a: null, b: null, speed: 60, view: null, motion: "still", waiting: false, notice: null });
      this.listeners = new Set();
    }

    // The newest instant there can be: the server's now, or the computer's before the server spoke.
    get now() {
      const told = vigie.past.clock.now();
      return Math.floor(told === null ? Date.now() / 1000 : told);
    }

    // `motion` is still, drag or play. A change is told at once; listeners that draw gather themselves.
    set(changes) {
      const next = { ...changes };
      if (next.at !== undefined) next.at = Math.min(next.at, this.now);
      Object.assign(this, next);
      if (next.at !== undefined && this.view) this._follow();
      for (const listener of this.listeners) listener(next);
    }

    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    get span() {
      return this.view ? this.view.t1 - this.view.t0 : null;
    }

    // Is the difference of A and B what the map shows? Only while the hand rests at B: anywhere else it would lie.
    get differs() {
      return this.a !== null && this.b !== null && this.motion === "still" && Math.abs(this.at - this.b) <= AT_FLAG_S;
    }

    // --- what is seen of time ------------------------------------------------------------------------------

    // Show `span` seconds; the instant under `share` of the width (the hand without one) keeps its place.
    zoom(span, pivot = this.at) {
      const wanted = clamp(span, LEAST_SPAN_S, MOST_SPAN_S);
      const share = this.span ? clamp((pivot - this.view.t0) / this.span, 0, 1) : KEPT_SHARE;
      this.look(pivot - share * wanted, wanted);
    }

    look(t0, span = this.span) {
      // A little of what is to come may be seen, so that now is not pressed against the edge.
      const last = this.now + 0.06 * span;
      const begin = Math.min(t0, last - span);
      this.view = { t0: begin, t1: begin + span };
      for (const listener of this.listeners) listener({ view: this.view });
    }

    _follow() {
      const { t0, t1 } = this.view;
      if (this.at >= t0 && this.at <= t1) return;
      const share = this.at > t1 ? 1 - KEPT_SHARE : KEPT_SHARE;
      this.look(this.at - share * this.span);
    }

    // --- flags ---------------------------------------------------------------------------------------------

    // A is before B whatever is set first: a flag set beyond the other takes its place.
    flag(name, at = this.at) {
      const other = name === "a" ? this.b : this.a;
      const changes = { [name]: at };
      if (other !== null && (name === "a" ? at >= other : at <= other)) changes[name === "a" ? "b" : "a"] = null;
      this.set(changes);
    }

    unflag() {
      this.set({ a: null, b: null });
    }

    faster(step) {
      const at = clamp(SPEEDS.indexOf(this.speed) + step, 0, SPEEDS.length - 1);
      this.set({ speed: SPEEDS[at] });
    }
  }

  vigie.clock = new PastClock();
  vigie.time = { iso, clamp, seconds, SPEEDS, LEAST_SPAN_S, MOST_SPAN_S };

  // Draw again when the clock tells something `concerns` says yes to, at most every `every` ms while the hand moves.
  vigie.useClock = function useClock(concerns = () => true, every = 0) {
    const [, redraw] = window.React.useReducer((n) => n + 1, 0);
    window.React.useEffect(() => {
      let due = false;
      const draw = () => {
        due = false;
        redraw();
      };
      // What was told between the first drawing and now was missed.
      redraw();
      return vigie.clock.subscribe((news) => {
        if (due || !concerns(news)) return;
        due = true;
        if (every && vigie.clock.motion !== "still") setTimeout(draw, every);
        else requestAnimationFrame(draw);
      });
    }, []);
    return vigie.clock;
  };
})();
