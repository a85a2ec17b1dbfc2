// A past instant in the same arrays as the live city: /history/state answers what /live/snapshot does.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PATIENCE_MS = 15000;

  const past = new vigie.Store("past");
  vigie.past = past;
  past.at = null;
  past.known = null;

  // The last question wins: an answer to an earlier one that comes late is thrown away.
  let asked = 0;
  past.show = async function (at) {
    if (!at || at === past.at) return;
    past.at = at;
    const mine = ++asked;
    past.linked({ state: "loading" });
    try {
      const { shot, geometry } = await read(at);
      if (mine !== asked) return;
      past.known = shot.known;
      past.clock.set(shot.server_time);
      past.fill(shot.version, geometry, vigie.decode.bytes(shot.codes), shot.moves);
      past.linked({ state: "past", frozen: Date.parse(shot.at) / 1000, source: shot.source });
    } catch (error) {
      console.warn("vigie: no past state:", error.message);
      if (mine === asked) past.linked({ state: "broken" });
    }
  };

  async function read(at) {
    const answer = await fetch(`/history/state?at=${encodeURIComponent(at)}`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const shot = await answer.json();
    past.expect(shot.version);
    return { shot, geometry: await vigie.geometryAt(shot.geometry) };
  }

  // Asking again for the instant that failed is allowed.
  past.retry = function () {
    const at = past.at;
    past.at = null;
    past.show(at);
  };
  past.start = () => {};

  // Ages on a past screen are ages then.
  past.now = () => past.link.frozen;
})();
