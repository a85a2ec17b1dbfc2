// Playing the past: changes are fetched ahead in chunks and applied in their order to the store the map draws. No
// picture asks the server, and no change is dropped: `vigie.past.played` counts those of every chunk played through.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  // So many seconds of playing are fetched ahead, in whole chunks.
  const AHEAD_S = 6;
  // With reduced motion the city moves on once a second, else with every picture.
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const STILL_STEP_MS = 1000;
  // Fast enough that rings on the map would be a storm of their own.
  const LOUD_UP_TO = 60;
  const LONGEST_STEP_S = 0.5;

  class Player {
    constructor() {
      Object.assign(this, { run: 0, queue: [], cursor: 0, end: 0 });
    }

    get playing() {
      return vigie.clock.motion === "play";
    }

    toggle() {
      if (this.playing) this.pause();
      else this.play();
    }

    // Play from where the hand stands, to B if it lies ahead, else to `until` or to now.
    async play(until) {
      const { clock, past } = vigie;
      const mine = ++this.run;
      clock.set({ motion: "play", notice: null, waiting: true });
      if (past.at !== vigie.time.iso(clock.at) || past.link.state !== "past" || past.filmed !== null) await past.settle();
      if (mine !== this.run) return;
      if (past.link.state !== "past") return this.stop("play_broken");
      Object.assign(this, { queue: [], cursor: 0, end: clock.at, last: null, failed: false, fetching: false });
      this.until = until || (clock.b !== null && clock.b > clock.at ? clock.b : Infinity);
      this._fetch();
      requestAnimationFrame((ms) => this._picture(ms, mine));
    }

    pause() {
      this.stop(null);
    }

    // Stand still and say why; the server's own answer then stands where the film did.
    stop(notice) {
      this.run += 1;
      vigie.past.quiet = true;
      vigie.clock.set({ motion: "still", waiting: false, notice, at: Math.round(vigie.clock.at) });
      vigie.past.settle();
    }

    // --- fetching ahead --------------------------------------------------------------------------------------

    async _fetch() {
      if (this.fetching) return;
      this.fetching = true;
      const mine = this.run;
      try {
        while (mine === this.run && this.end < this._wanted()) {
          const [, t1] = vigie.film.boundsOf(this.end);
          const stop = Math.min(t1, this.until);
          if (stop <= this.end) break;
          const chunk = await vigie.film.read(this.end, stop);
          if (mine !== this.run) return;
          if (chunk.version !== vigie.past.version) throw new Error("the layout changed");
          this.queue.push(chunk);
          this.end = stop;
        }
      } catch (error) {
        console.warn("vigie: cannot play on:", error.message);
        if (mine === this.run) this.failed = true;
      }
      if (mine === this.run) this.fetching = false;
    }

    _wanted() {
      return Math.min(vigie.clock.at + vigie.clock.speed * AHEAD_S, this.until, vigie.clock.now);
    }

    // --- playing ---------------------------------------------------------------------------------------------

    _picture(ms, mine) {
      if (mine !== this.run) return;
      const { clock } = vigie;
      if (this.last === null) this.last = ms;
      const passed = Math.min((ms - this.last) / 1000, LONGEST_STEP_S * (still.matches ? 4 : 1));
      if (!still.matches || ms - this.last >= STILL_STEP_MS) {
        this.last = ms;
        this._advance(Math.min(clock.at + passed * clock.speed, this.end));
      }
      this._fetch();
      if (clock.at >= this.until) return this.stop(null);
      if (clock.at >= this.end) {
        if (this.failed) return this.stop("play_broken");
        if (!this.fetching && this.end >= clock.now - 1) return this.stop("reached_now");
      }
      if (clock.waiting !== clock.at >= this.end) clock.set({ waiting: clock.at >= this.end });
      requestAnimationFrame((next) => this._picture(next, mine));
    }

    // Apply everything that happened up to `at`, in order, chunk by chunk.
    _advance(at) {
      const { past, clock, film } = vigie;
      past.quiet = clock.speed > LOUD_UP_TO;
      const changes = [];
      while (this.queue.length) {
        const chunk = this.queue[0];
        const to = at >= chunk.t1 ? chunk.events : film.upTo(chunk, at);
        for (; this.cursor < to; this.cursor++) changes.push(((chunk.index[this.cursor] << 8) | chunk.code[this.cursor]) >>> 0);
        if (at < chunk.t1) break;
        past.played += chunk.changes;
        this.queue.shift();
        this.cursor = 0;
      }
      if (at > clock.at) {
        past.become(at, changes);
        clock.set({ at });
      }
    }
  }

  vigie.player = new Player();
})();
