// How many changes fell in each step of what the timeline shows: asked for by the step, so that panning and the
// neighbours' consoles find the same answer, and drawn where it is until the next one is here.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  // The steps the server cuts time into, all on the clock; beyond, whole days.
  const STEPS_S = [60, 120, 300, 600, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 345600, 604800];
  const MOST_STEPS = 400;
  const PX_A_STEP = 3;
  // What lies just outside the edges is asked for too: panning a little then shows bars at once.
  const EDGE_SHARE = 0.25;
  const PAUSE_MS = 140;
  const PATIENCE_MS = 10000;
  const AGAIN_MS = 5000;
  const KEPT = 24;
  const RECENT_S = 3600;
  const known = new Map();
  const listeners = new Set();
  // Once something was noted here, the browser's own store of answers is too old.
  let changed = false;

  function stepOf(span, width) {
    const most = Math.max(40, Math.min(MOST_STEPS, width / PX_A_STEP));
    return STEPS_S.find((step) => span / step <= most) || STEPS_S[STEPS_S.length - 1];
  }

  // What is asked for to show `view`: whole steps, at most 600, up to now.
  function askedFor({ t0, t1 }, width, now) {
    const step = stepOf(t1 - t0, width);
    const edge = Math.min((t1 - t0) * EDGE_SHARE, (vigie.time.MOST_SPAN_S - step - (t1 - t0)) / 2);
    const begin = Math.ceil((t0 - edge) / step) * step;
    const end = Math.max(Math.min(Math.floor((t1 + edge) / step), Math.ceil(now / step)) * step, begin + step);
    // A little more than needed: at most so many steps, of which the server takes the shortest that will do.
    return { t0: begin, t1: end, steps: Math.min(600, Math.round((end - begin) / step) + 2) };
  }

  async function read({ t0, t1, steps }) {
    const { iso } = vigie.time;
    const address = `/history/density?t0=${encodeURIComponent(iso(t0))}&t1=${encodeURIComponent(iso(t1))}&steps=${steps}`;
    const answer = await fetch(address, { cache: changed ? "no-cache" : "default", signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`density: status ${answer.status}`);
    return answer.json();
  }

  // An answer whose end is past stays true; the last hour may still grow.
  function remembered(asked) {
    const key = JSON.stringify(asked);
    if (!known.has(key)) {
      const answer = read(asked);
      answer.then(
        () => asked.t1 > vigie.clock.now - RECENT_S && setTimeout(() => known.delete(key), 30000),
        () => known.delete(key)
      );
      known.set(key, answer);
      for (const old of [...known.keys()].slice(0, Math.max(0, known.size - KEPT))) known.delete(old);
    }
    return known.get(key);
  }

  // {state: loading | ready | away, data}: of the newest view asked for; the last answer stays while one is on its way.
  vigie.useDensity = function useDensity(view, width) {
    const { useEffect, useRef, useState } = window.React;
    const [found, setFound] = useState({ state: "loading", data: null });
    const newest = useRef(null);
    const [again, setAgain] = useState(0);
    useEffect(() => {
      const ask = () => setAgain((n) => n + 1);
      listeners.add(ask);
      return () => {
        newest.current = null;
        listeners.delete(ask);
      };
    }, []);
    const asked = view && width ? askedFor(view, width, vigie.clock.now) : null;
    const key = asked ? JSON.stringify(asked) : null;
    useEffect(() => {
      if (!asked) return undefined;
      newest.current = key;
      const timer = setTimeout(() => {
        remembered(asked).then(
          (data) => newest.current === key && setFound({ state: "ready", data }),
          (error) => {
            console.warn("vigie: no density:", error.message);
            if (newest.current !== key) return;
            setFound((before) => ({ state: "away", data: before.data }));
            setTimeout(() => newest.current === key && setAgain((n) => n + 1), AGAIN_MS);
          }
        );
      }, found.data ? PAUSE_MS : 0);
      return () => clearTimeout(timer);
    }, [key, again]);
    return found;
  };

  // What was noted changed: everything is asked for anew, and drawn where it is seen.
  function forget() {
    changed = true;
    known.clear();
    listeners.forEach((again) => again());
  }

  vigie.density = { stepOf, askedFor, forget };
  const functions = (window.dash_clientside = window.dash_clientside || {});
  functions.vigie_past = { noted: (changed) => changed && forget() };
})();
