// vigie.alarmBars: alarms put before the operator by ten minutes, upwards by priority, with the line at which a flood
// begins. Square-root scale, so that one alarm shows beside a storm; the most urgent stands on the axis and is never
// squeezed. Where a bar is longer than ten minutes it shows its busiest ten: the line means the same at every width.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number } = vigie.draw;
  const BIN_S = 600;
  const ROOM = 1.25;
  const LEAST_PX = 2;
  const LABEL_PX = 210;
  // Under the words of sunrise and sunset, which stand at the top.
  const WORD_PX = 26;

  const sum = (counts) => counts.reduce((all, n) => all + n, 0);
  const seenOf = (alarms, t0, t1) => alarms.times.map((t, at) => [t, alarms.counts[at]]).filter(([t]) => t + alarms.step > t0 && t < t1);

  const block = (x, y, wide, tall) => `M${x.toFixed(1)} ${y.toFixed(1)}h${wide.toFixed(1)}v${tall.toFixed(1)}h${(-wide).toFixed(1)}z`;

  // `place` = {x: seconds to px, t0, t1, width, base, up}; base is the axis, up the height above it, px.
  function draw(alarms, place, words) {
    if (!alarms) return [];
    const { x, t0, t1, width, base, up } = place;
    const seen = seenOf(alarms, t0, t1);
    const top = Math.max(alarms.threshold * ROOM, ...seen.map(([, counts]) => sum(counts)));
    const tall = (n) => Math.sqrt(n / top) * up;
    const wide = (alarms.step / (t1 - t0)) * width;
    const gap = wide > 4 ? 1 : 0.3;
    const paths = ["", "", "", ""];
    for (const [t, counts] of seen) {
      let below = 0;
      let all = 0;
      counts.forEach((n, at) => {
        if (!n) return;
        all += n;
        const to = Math.max(below + LEAST_PX, tall(all));
        // An outline is drawn inside its box.
        const inside = at === 2 ? 0.5 : 0;
        paths[at] += block(x(t) + inside, base - to + inside, Math.max(1, wide - gap) - 2 * inside, to - below - 2 * inside);
        below = to;
      });
    }
    const y = base - tall(alarms.threshold);
    return [
      h("line", { key: "flood", className: "flood-line", x1: 0, x2: width, y1: y, y2: y }),
      width > LABEL_PX && h("text", { key: "flood-word", className: "flood-word", x: 4, y: Math.max(y + 14, WORD_PX) }, fill(words.flood_line, { n: alarms.threshold })),
      ...paths.map((d, at) => d && h("path", { key: `p${at}`, className: `load-p${at + 1}`, d })),
    ];
  }

  // What fell in [from, to), in words: how many by priority; in ten minutes where the step is longer.
  function said(alarms, from, to, props, words) {
    if (!alarms) return "";
    const at = alarms.times.findIndex((t) => t < to && t + alarms.step > from);
    const counts = at < 0 ? null : alarms.counts[at];
    if (!counts) return words.load_none;
    const parts = counts.map((n, place) => n && fill(words[`load_p${place + 1}`], { n: number(n, props.language) })).filter(Boolean);
    const total = sum(counts);
    const text = fill(total === 1 ? words.load_one : words.load_many, { n: number(total, props.language), parts: parts.join(", ") });
    return alarms.step > BIN_S ? fill(words.load_busiest, { what: text }) : text;
  }

  vigie.alarmBars = { draw, said };
})();
