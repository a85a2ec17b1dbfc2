// Which area of the columns a point lies in: what moves is counted and filtered where it is, not where it is kept.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const OUTSIDE = 255;

  const rings = ({ type, coordinates }) => (type === "Polygon" ? coordinates : coordinates.flat());

  function inside(shape, lon, lat) {
    let odd = false;
    for (const ring of shape) {
      for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
        const [x0, y0] = ring[before];
        const [x1, y1] = ring[at];
        if (y0 > lat !== y1 > lat && lon < ((x1 - x0) * (lat - y0)) / (y1 - y0) + x0) odd = !odd;
      }
    }
    return odd;
  }

  // A function of a point: its area's place in `areas` of the columns' header, 255 outside all of them.
  function placer(shapes, areas) {
    const known = areas.map(({ id }, place) => {
      const feature = shapes.features.find(({ properties }) => properties.id === id);
      return feature && { place, shape: rings(feature.geometry), box: vigie.loading.boundsOf([feature.geometry]) };
    });
    const found = known.filter(Boolean);
    const near = ({ box }, lon, lat) => lon >= box[0] && lat >= box[1] && lon <= box[2] && lat <= box[3];
    return (lon, lat) => {
      const hit = found.find((one) => near(one, lon, lat) && inside(one.shape, lon, lat));
      return hit ? hit.place : OUTSIDE;
    };
  }

  vigie.within = { placer };
})();
