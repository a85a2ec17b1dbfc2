// Moving the hand: by a step, to a typed instant, to the change before or after; and what the page does once it rests.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { clock, film, past } = vigie;
  const HOUR = 3600;
  const DAY = 86400;
  // Skips and steps that fit the stretch of time seen: [span up to, skip, step], s.
  const PACES = [[HOUR, 300, 10], [6 * HOUR, 1800, 60], [DAY, HOUR, 300], [7 * DAY, 6 * HOUR, 1800], [30 * DAY, DAY, HOUR], [Infinity, 7 * DAY, DAY]];
  const FILM_UP_TO_S = 1.2 * DAY;
  const SETTLE_MS = 350;
  const SEARCH_S = 7 * DAY;

  const paceOf = (span) => {
    const [, skip, step] = PACES.find(([upTo]) => span <= upTo * 1.05);
    return { skip, step };
  };

  let settling = null;
  // The server's own answer stands once the hand rests: positions and what the film cannot know come with it.
  function settle(wait = SETTLE_MS) {
    clearTimeout(settling);
    settling = setTimeout(() => {
      if (clock.motion !== "still") return;
      past.settle();
    }, wait);
  }

  // While it is dragged each place is shown as it is reached; at rest the server has the last word.
  function drag(at) {
    if (vigie.player.playing) vigie.player.pause();
    clock.set({ at: Math.round(at), motion: "drag", notice: null });
    past.quiet = true;
    past.scrub(clock.at);
  }

  function rest() {
    clock.set({ motion: "still", at: clock.at });
    settle(0);
  }

  // Go somewhere at once; held keys go many times, so the settling waits for the last.
  function go(at) {
    if (vigie.player.playing) vigie.player.pause();
    clock.set({ at: Math.round(at), motion: "still", notice: null });
    past.quiet = true;
    past.scrub(clock.at);
    settle();
  }

  const by = (seconds) => go(clock.at + seconds);

  // The arrow keys of the page: a step that fits what is seen, with Shift a skip.
  function arrow(way) {
    const { step, skip } = paceOf(clock.span);
    by(way * (window.event && window.event.shiftKey ? skip : step));
  }

  // A local day on: the same wall clock, also where a day has 25 hours.
  function byDays(days, zone) {
    const { wall } = vigie;
    const bare = Date.parse(`${wall.field(clock.at, zone)}Z`) / 1000 + days * DAY;
    go(wall.instant(new Date(bare * 1000).toISOString().slice(0, 19), zone));
  }

  // --- the film of what is seen ----------------------------------------------------------------------------------

  let preparing = 0;
  // Have the film of all that is seen here, from the hand outwards to the right, then the rest from the left: each
  // chunk begins with the codes the one before ended with.
  async function prepare() {
    const mine = ++preparing;
    if (!clock.view || clock.span > FILM_UP_TO_S) return;
    const { t0, t1 } = clock.view;
    const first = film.boundsOf(Math.max(t0, 0))[0];
    const starts = [];
    for (let at = first; at < Math.min(t1, clock.now); at += film.CHUNK_S) starts.push(at);
    const here = film.boundsOf(clock.at)[0];
    for (const at of [...starts.filter((start) => start >= here), ...starts.filter((start) => start < here)]) {
      if (mine !== preparing) return;
      try {
        await film.prepare(at);
      } catch (error) {
        // Without the film the server is asked for each picture: slower, and the same pictures.
        console.warn("vigie: no film:", error.message);
        return;
      }
    }
  }

  // --- what got worse, before and after --------------------------------------------------------------------------

  const { CLASS } = vigie.codes;
  const WORSE = new Set([CLASS.fault, CLASS.degraded, CLASS.comms_lost]);

  // The instants (s) in a chunk at which something seen through the filters got worse on its own account.
  function worsenings(chunk) {
    const hidden = past.hider();
    const found = [];
    for (let at = 0; at < chunk.events; at++) {
      if (!WORSE.has(vigie.codes.classOf(chunk.code[at]))) continue;
      if (!besidesClass(hidden, chunk.index[at])) found.push(chunk.t0 + chunk.offset[at]);
    }
    return found;
  }

  // Left out by domain or area; the filter on states is about what is, not about what comes.
  function besidesClass(hidden, index) {
    const { statuses } = past.filters;
    return statuses === null && hidden(index);
  }

  // To the next instant at which something got worse (`way` 1) or the one before (-1), within seven days.
  async function toChange(way) {
    if (vigie.player.playing) vigie.player.pause();
    const from = clock.at;
    clock.set({ waiting: true, notice: null });
    try {
      const found = await nearest(from, way);
      if (clock.at !== from) return;
      if (found === null) clock.set({ notice: way > 0 ? "none_after" : "none_before" });
      else go(Math.ceil(found));
    } catch (error) {
      console.warn("vigie: cannot look for changes:", error.message);
      clock.set({ notice: "play_broken" });
    } finally {
      clock.set({ waiting: false });
    }
  }

  async function nearest(from, way) {
    const limit = Math.min(clock.now, from + SEARCH_S);
    let at = from;
    while (way > 0 ? at < limit : at > from - SEARCH_S) {
      const [t0, t1] = film.boundsOf(way > 0 ? at : at - 1);
      if (t1 <= t0) return null;
      const times = worsenings(await film.read(t0, t1));
      const hit = way > 0 ? times.find((t) => Math.ceil(t) > from) : times.filter((t) => Math.ceil(t) < from).pop();
      if (hit !== undefined) return hit;
      at = way > 0 ? t1 : t0;
    }
    return null;
  }

  vigie.hand = { drag, rest, go, by, arrow, byDays, toChange, prepare, settle, paceOf };
})();
