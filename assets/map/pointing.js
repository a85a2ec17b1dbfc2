// Which asset is under the pointer: looked up in the columns, so that a hidden point is never hit and 350,000
// points cost about a millisecond.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const TILE = 512;
  // Somebody aiming near a symbol means the symbol: it may be this much farther than a dot, in px.
  const PREFERENCE = { major: 9, minor: 4 };

  function preference(store, index) {
    if (store.fleet.isMoving(index)) return PREFERENCE.minor;
    const code = store.classes[index];
    if (!vigie.codes.ABNORMAL[code] || code === vigie.codes.CLASS.consequence) return 0;
    return store.priority(index) <= 3 ? PREFERENCE.major : PREFERENCE.minor;
  }

  // The live index of the asset nearest to `at` ({lng, lat}) within `reach` px at `zoom`, or null.
  function nearest(store, at, zoom, reach) {
    const perPx = 360 / (TILE * 2 ** zoom);
    const perPxLat = perPx * Math.cos((at.lat * Math.PI) / 180);
    const far = reach + PREFERENCE.major;
    const hidden = store.hider();
    let best = null;
    let least = reach;
    for (let index = 0; index < store.count; index++) {
      const x = (store.lon[index] - at.lng) / perPx;
      if (x > far || x < -far) continue;
      const y = (store.lat[index] - at.lat) / perPxLat;
      if (y > far || y < -far) continue;
      const distance = Math.hypot(x, y) - preference(store, index);
      if (distance < least && !hidden(index)) {
        least = distance;
        best = index;
      }
    }
    return best;
  }

  vigie.pointing = { nearest };
})();
