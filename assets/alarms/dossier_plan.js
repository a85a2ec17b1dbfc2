// vigie.dossierPlan: a small plan of what a dossier found, north up, the alarm in the middle. Drawn from the findings
// alone, so that it needs no map and prints. A finding is drawn where it is; several of one place are one mark.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill } = vigie.draw;
  const HALF = 150;
  const EDGE = 18;
  const METRES_A_DEGREE = 111320;
  const NUMBERED = 12;
  const APART = 15;
  const SHAPES = {
    alarm: (x, y) => h("path", { d: `M${x} ${y - 7}l7 7-7 7-7-7z` }),
    change: (x, y) => h("circle", { cx: x, cy: y, r: 3.5 }),
    works: (x, y) => h("rect", { x: x - 5, y: y - 5, width: 10, height: 10 }),
    note: (x, y) => h("rect", { x: x - 4, y: y - 4, width: 8, height: 8 }),
    camera: (x, y) => h("path", { d: `M${x - 5} ${y + 4}h10l-5-9z` }),
    moved: (x, y) => h("path", { d: `M${x - 5} ${y}h10M${x} ${y - 5}v10` }),
  };

  // Where a finding stands on the plan: metres east and north of the middle, in its units.
  function placer({ lon, lat }, radius) {
    const scale = (HALF - EDGE) / radius;
    const across = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180) * scale;
    return (one) => [HALF + (one.lon - lon) * across, HALF - (one.lat - lat) * METRES_A_DEGREE * scale];
  }

  // One mark for each place, by the most telling that is there; which ranks stand behind it.
  function marks(told) {
    const at = placer(told.alarm, told.radius_m);
    const places = new Map();
    told.found.forEach((one, rank) => {
      const [x, y] = at(one);
      const key = `${Math.round(x / 3)} ${Math.round(y / 3)}`;
      if (!places.has(key)) places.set(key, { one, rank, x, y, names: [] });
      places.get(key).names.push(one.name || one.text);
    });
    const seen = [...places.values()].filter(({ x, y }) => Math.hypot(x - HALF, y - HALF) < HALF);
    // A number is written where it can be read; the most telling has the first say.
    const numbered = [];
    for (const one of seen.slice(0, NUMBERED)) {
      one.numbered = numbered.every(({ x, y }) => Math.hypot(x - one.x, y - one.y) > APART);
      if (one.numbered) numbered.push(one);
    }
    // The most telling last, so that it lies on top.
    return seen.reverse();
  }

  function mark({ one, rank, x, y, names, numbered }) {
    const shape = SHAPES[one.kind] || SHAPES.change;
    return h("g", { key: rank, className: `plan-mark mark-${one.kind}` }, [
      h("title", { key: "t" }, `${rank + 1} · ${[...new Set(names)].slice(0, 4).join(", ")}`),
      h("g", { key: "s" }, shape(x, y)),
      numbered ? h("text", { key: "n", x: x + 9, y: y + 4 }, String(rank + 1)) : null,
    ]);
  }

  vigie.dossierPlan = function dossierPlan(told, words) {
    const ring = (part) => h("circle", { key: part, cx: HALF, cy: HALF, r: (HALF - EDGE) * part, className: "plan-ring" });
    const metres = (part) => h("text", { key: `m${part}`, x: HALF + 3, y: HALF - (HALF - EDGE) * part - 3, className: "plan-metres" }, `${Math.round(told.radius_m * part)} m`);
    return h("figure", { key: "plan", className: "dossier-plan" }, [
      h("svg", { key: "svg", viewBox: `0 0 ${2 * HALF} ${2 * HALF}`, role: "img", "aria-label": fill(words.plan, { n: told.found.length }) }, [
        ring(0.5), ring(1), metres(0.5), metres(1),
        h("path", { key: "north", className: "plan-north", d: `M${2 * HALF - 16} 26v-16l-4 6m4-6l4 6` }),
        h("path", { key: "zero", className: "plan-zero", d: `M${HALF - 12} ${HALF - 6}v-6h6m12 0h6v6m0 12v6h-6m-12 0h-6v-6` }),
        ...marks(told).map(mark),
      ]),
      h("figcaption", { key: "c", className: "quiet" }, words.plan_caption),
    ]);
  };
})();
