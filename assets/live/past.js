// A past instant in the same arrays as the live city: /history/state answers what /live/snapshot does, and between
// two answers the film of changes (past/film.js) makes every instant here.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PATIENCE_MS = 15000;
  const LATE_MS = 400;

  const past = new vigie.Store("past");
  vigie.past = past;
  past.at = null;
  past.known = null;
  // Of state changes played in whole chunks, of events applied, of pictures shown, of codes that the server's own
  // answer then corrected: what the benches and tests hold the promises against.
  Object.assign(past, { played: 0, applied: 0, shown: 0, drift: 0 });
  // Nothing is announced while the hand is moved: a ring opens for what happens, not for what is passed.
  past.quiet = true;

  const seconds = (at) => (typeof at === "number" ? at : Date.parse(at) / 1000);

  // The state of an instant as the server tells it: {shot, geometry, codes}.
  past.read = async function (at) {
    const text = vigie.time.iso(seconds(at));
    const answer = await fetch(`/history/state?at=${encodeURIComponent(text)}`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const shot = await answer.json();
    past.expect(shot.version);
    return { shot, geometry: await vigie.geometryAt(shot.geometry), codes: vigie.decode.bytes(shot.codes) };
  };

  // One question at a time: while it is on its way only the newest wish is kept, so that a hand that is dragged
  // shows picture after picture and never waits for those it has passed.
  let wanted = null;
  let asking = null;
  let late = null;
  // Still on its way, and not drawn by the film meanwhile.
  const wantedStill = () => asking !== null && past.link.state === "past" && vigie.time.iso(past.filmed || 0) !== past.at;

  // Show the instant `at` (ISO or seconds) as the server tells it, whatever the film said.
  past.show = function (at) {
    if (!at || past.at === vigie.time.iso(seconds(at))) return asking || Promise.resolve();
    wanted = seconds(at);
    past.at = vigie.time.iso(wanted);
    if (past.link.state !== "past") past.linked({ state: "loading" });
    // What is still drawn is of another instant: soon enough, it says so.
    clearTimeout(late);
    late = setTimeout(() => wantedStill() && past.linked({ state: "loading" }), LATE_MS);
    if (!asking) asking = ask().finally(() => (asking = null));
    return asking;
  };

  async function ask() {
    while (wanted !== null) {
      const at = wanted;
      wanted = null;
      try {
        take(await past.read(at), at);
      } catch (error) {
        console.warn("vigie: no past state:", error.message);
        if (wanted === null) past.linked({ state: "broken" });
      }
    }
  }

  function take({ shot, geometry, codes }, at) {
    if (past.version !== null && past.version !== shot.version) vigie.film.clear();
    // The film stood at this very instant: whatever differs it had wrong.
    if (past.ready && past.filmed === at && past.version === shot.version) past.drift += difference(codes).length;
    past.filmed = null;
    past.known = shot.known;
    past.clock.set(shot.server_time);
    Object.assign(past.link, { frozen: Date.parse(shot.at) / 1000 });
    past.fill(shot.version, geometry, codes, shot.moves);
    past.shown += 1;
    past.linked({ state: "past", source: shot.source });
  }

  // What has to change for the store to show `codes`, packed as on the wire.
  function difference(codes) {
    const changed = [];
    for (let index = 0; index < past.count; index++) {
      if (codes[index] !== past.codes[index]) changed.push(((index << 8) | codes[index]) >>> 0);
    }
    return changed;
  }

  // Show `at` now: from the film where it is here, else ask; true when the film had it.
  past.scrub = function (at) {
    const codes = past.ready && vigie.film.codesAt(at);
    if (!codes) {
      past.show(at);
      return false;
    }
    past.become(at, difference(codes));
    return true;
  };

  // The city a little later or earlier: packed changes, and the instant they lead to.
  past.become = function (at, changes) {
    wanted = null;
    past.at = vigie.time.iso(at);
    past.filmed = at;
    past.link.frozen = at;
    past.apply(changes);
    past.applied += changes.length;
    past.shown += 1;
    if (!past.fleet.vehicles.size) return;
    past.fleet.advance();
    past._tell({ moved: true });
  };

  // Asking again for the instant that failed is allowed.
  past.retry = function () {
    const at = past.at;
    past.at = null;
    return past.show(at);
  };
  past.settle = past.retry;

  past.start = () => {};
  // Ages on a past screen are ages then.
  past.now = () => past.link.frozen;
  // Good news of the past is told by the difference of two instants, not for eight seconds of today.
  past._recover = () => {};
})();
