// Where pictures come slowly (no graphics card, an old one), the map of the past is drawn with fewer pixels while the
// hand moves or plays, and sharp again as soon as it rests: what happened is seen moving, and read standing still.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const SLOW_MS = 120;
  const PICTURES = 3;
  const SHARE = 0.55;
  const MAP = "past-map";

  let watching = false;
  let coarse = null;

  function rest() {
    if (!coarse) return;
    const { map, ratio } = coarse;
    coarse = null;
    // The map may have gone with its page meanwhile.
    if (vigie.maps.has(MAP)) map.setPixelRatio(ratio);
  }

  function hurry() {
    const view = vigie.maps.get(MAP);
    if (coarse || !view || !view.loaded) return;
    coarse = { map: view.map, ratio: view.map.getPixelRatio() };
    view.map.setPixelRatio(coarse.ratio * SHARE);
  }

  // The time between two pictures of the page is long only while something is drawn.
  function watch() {
    let last = performance.now();
    let slow = 0;
    const step = (now) => {
      if (vigie.clock.motion === "still") {
        watching = false;
        return rest();
      }
      slow = now - last > SLOW_MS ? slow + 1 : 0;
      last = now;
      if (slow >= PICTURES) hurry();
      return requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  vigie.clock.subscribe((news) => {
    if (!("motion" in news) || news.motion === "still" || watching) return;
    watching = true;
    watch();
  });
})();
