// The timeline's picture: alarms upwards by priority with the line of a flood (``alarms/load_bars.js``); all changes of
// state downwards in grey on a logarithmic scale, since dusk moves every lamp; day, gaps, annotations.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, instant } = vigie.draw;
  const HEIGHT = 96;
  const BASE = 54;
  const UP = 42;
  const DOWN = 24;
  const AXIS = HEIGHT - 15;
  const LEAST_BOTTOM = 1000;
  const KINDS = ["fault", "degraded", "comms_lost", "other"];
  const LABEL_PX = 62;
  const HOUR = 3600;
  const DAY = 86400;
  const WORD_PX = 78;
  const NOTE_PX = 15;
  const NOTE_ROWS = 3;
  const TICKS_S = [60, 300, 600, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
  const SUN_UP_TO_S = 3 * DAY;
  const DAYLIGHT_UP_TO_S = 20 * DAY;

  const scale = (view, width) => (t) => ((t - view.t0) / (view.t1 - view.t0)) * width;

  // --- bars --------------------------------------------------------------------------------------------------

  const block = (x, y, wide, tall) => `M${x.toFixed(1)} ${y.toFixed(1)}h${wide.toFixed(1)}v${tall.toFixed(1)}h${(-wide).toFixed(1)}z`;

  function bars(data, view, width, words) {
    const x = scale(view, width);
    const wide = Math.max(1, (data.step / (view.t1 - view.t0)) * width - (data.step * width > 3 * (view.t1 - view.t0) ? 1 : 0.4));
    const seen = data.times.map((t) => t + data.step > view.t0 && t < view.t1);
    const changes = data.times.map((_, at) => KINDS.reduce((sum, kind) => sum + data[kind][at], 0));
    const bottom = Math.log1p(Math.max(LEAST_BOTTOM, ...changes.filter((_, at) => seen[at])));
    let grey = "";
    data.times.forEach((t, at) => {
      if (seen[at] && changes[at]) grey += block(x(t), BASE + 1, wide, (Math.log1p(changes[at]) / bottom) * DOWN);
    });
    return [
      h("path", { key: "changes", d: grey, className: "density-other" }),
      ...vigie.alarmBars.draw(data.alarms, { x, ...view, width, base: BASE, up: UP }, words),
    ];
  }

  // --- day and night, gaps, what was noted -------------------------------------------------------------------

  function band(view, width, from, to) {
    const x = scale(view, width);
    const left = Math.max(0, x(from));
    const right = Math.min(width, x(to));
    return right > left ? { left, wide: right - left } : null;
  }

  function daylight(data, view, width) {
    if (view.t1 - view.t0 > DAYLIGHT_UP_TO_S) return [];
    return (data.days || []).map(([rise, set]) => {
      const at = band(view, width, rise, set);
      return at && h("rect", { key: `day${rise}`, className: "strip-day", x: at.left, y: 0, width: at.wide, height: AXIS });
    });
  }

  const clockOf = (t, props) => instant(t, props.language, props.zone, { hour: "2-digit", minute: "2-digit" });

  function sun(data, view, width, props) {
    if (view.t1 - view.t0 > SUN_UP_TO_S) return [];
    const x = scale(view, width);
    const mark = (t, name) => {
      const at = x(t);
      const late = name === "sunset";
      if (late ? at < WORD_PX || at > width : at < 0 || at > width - WORD_PX) return null;
      return h("text", { key: `${name}${t}`, className: "strip-sun", x: late ? at - 4 : at + 4, y: 11, textAnchor: late ? "end" : "start" }, `${props.labels.timeline[name]} ${clockOf(t, props)}`);
    };
    const roomy = ([rise, set]) => x(set) - x(rise) > 2 * WORD_PX;
    return (data.days || []).filter(roomy).flatMap(([rise, set]) => [mark(rise, "sunrise"), mark(set, "sunset")]);
  }

  function hatched(view, width, from, to, word, key) {
    const at = band(view, width, from, to);
    if (!at || at.wide < 1) return null;
    return h("g", { key, className: "timeline-gap" }, [
      h("rect", { key: "box", x: at.left, y: 0, width: at.wide, height: AXIS, fill: "url(#timeline-hatch)" }),
      at.wide > WORD_PX && h("text", { key: "word", x: at.left + at.wide / 2, y: AXIS - 5, textAnchor: "middle" }, word),
    ]);
  }

  function gaps(data, view, width, props) {
    const words = props.labels.timeline;
    const now = vigie.clock.now;
    const first = typeof data.first === "string" ? Date.parse(data.first) / 1000 : data.first;
    const before = first && first > view.t0 ? hatched(view, width, view.t0, first, words.before_first, "first") : null;
    const holes = (data.gaps || []).filter(([, t1]) => !first || t1 > first);
    const coming = band(view, width, now, view.t1);
    return [
      before,
      ...holes.map(([t0, t1]) => hatched(view, width, Math.max(t0, first || t0), Math.min(t1, now), words.gap, `gap${t0}`)),
      coming && h("rect", { key: "coming", className: "timeline-coming", x: coming.left, y: 0, width: coming.wide, height: AXIS }),
    ];
  }

  // The first free row from the axis upwards, so that two notes of one time are both read; the last takes the rest.
  function rowOf(ends, place) {
    const free = ends.findIndex((end) => end <= place.left);
    const row = free >= 0 ? free : Math.min(ends.length, NOTE_ROWS - 1);
    ends[row] = Math.max(ends[row] || 0, place.left + place.wide);
    return row;
  }

  function notes(data, view, width, props) {
    const at = (t) => (typeof t === "string" ? Date.parse(t) / 1000 : t);
    const ends = [];
    return (data.annotations || []).map((note) => {
      const from = at(note.t0);
      const to = note.t1 === null || note.t1 === undefined ? from : at(note.t1);
      const place = band(view, width, from, Math.max(to, from + ((view.t1 - view.t0) / width) * 3));
      if (!place) return null;
      const base = AXIS - NOTE_PX * rowOf(ends, place);
      const room = Math.floor(place.wide / 6.6);
      const title = String(note.title);
      const told = title.length <= room ? title : room > 6 ? `${title.slice(0, room - 1)}…` : "";
      const full = fill(props.labels.timeline.annotation, { title, from: clockOf(from, props), to: clockOf(to, props) });
      return h("g", { key: note.id, className: `timeline-note note-${note.kind}` }, [
        h("title", { key: "title" }, full),
        h("rect", { key: "box", x: place.left, y: base - 14, width: place.wide, height: 13 }),
        told && h("text", { key: "text", x: place.left + 4, y: base - 4 }, told),
      ]);
    });
  }

  // --- the axis ----------------------------------------------------------------------------------------------

  // Local wall-clock instants every `step`: hours are counted from each midnight, so that a day of 25 hours has
  // its labels where the clocks of the city showed them.
  function ticks(view, step, zone) {
    const found = [];
    const { wall } = vigie;
    if (step >= 7 * DAY) return months(view, step, zone);
    for (let day = wall.dayStart(view.t0, zone); day < view.t1; day = wall.dayStart(day + 30 * HOUR, zone)) {
      const next = wall.dayStart(day + 30 * HOUR, zone);
      if (step >= DAY) {
        if (wall.dayNumber(day, zone) % (step / DAY) === 0) found.push(day);
        continue;
      }
      for (let t = day; t < next; t += Math.min(step, HOUR)) {
        // The hour that comes twice is labelled once where hours are left out.
        const due = step <= HOUR || (wall.hour(t, zone) % (step / HOUR) === 0 && !(t - found[found.length - 1] < step));
        if (due) found.push(t);
      }
    }
    return found.filter((t) => t >= view.t0 && t <= view.t1);
  }

  function months(view, step, zone) {
    const found = [];
    for (let day = vigie.wall.dayStart(view.t0, zone); day < view.t1; day = vigie.wall.dayStart(day + 30 * HOUR, zone)) {
      if (vigie.wall.parts(day, zone).day === "01") found.push(day);
    }
    return found.filter((t) => t >= view.t0);
  }

  function label(t, step, props) {
    const { wall } = vigie;
    const { language, zone } = props;
    if (step >= 7 * DAY) {
      const january = wall.parts(t, zone).month === "01";
      return instant(t, language, zone, january ? { month: "short", year: "numeric" } : { month: "short" });
    }
    if (wall.hour(t, zone) === 0 && wall.parts(t, zone).minute === "00") return instant(t, language, zone, { weekday: "short", day: "numeric", month: "short" });
    return clockOf(t, props);
  }

  function axis(view, width, props) {
    const x = scale(view, width);
    const perLabel = ((view.t1 - view.t0) * LABEL_PX) / width;
    const step = TICKS_S.find((candidate) => candidate >= perLabel) || 30 * DAY;
    return ticks(view, step, props.zone).map((t) => {
      const at = x(t);
      const midnight = step < DAY && vigie.wall.hour(t, props.zone) === 0 && vigie.wall.parts(t, props.zone).minute === "00";
      const shown = at > 26 && at < width - 30;
      return h("g", { key: t }, [
        h("line", { key: "line", className: midnight ? "strip-tick midnight" : "strip-tick", x1: at, x2: at, y1: 0, y2: AXIS }),
        shown && h("text", { key: "text", className: "strip-hour", x: at, y: HEIGHT - 2, textAnchor: "middle" }, label(t, step, props)),
      ]);
    });
  }

  const hatch = () =>
    h("defs", { key: "defs" }, h("pattern", { id: "timeline-hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, h("line", { className: "timeline-hatch", x1: 0, y1: 0, x2: 0, y2: 7 })));

  // Everything of the timeline that does not move with the hand.
  vigie.timelinePicture = function (data, view, width, props) {
    const drawn = data || { times: [], fault: [], degraded: [], comms_lost: [], other: [], step: 60 };
    return h("svg", { key: "picture", className: "timeline-picture", width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": true }, [
      hatch(),
      ...daylight(drawn, view, width),
      ...axis(view, width, props),
      ...(data ? gaps(drawn, view, width, props) : []),
      ...bars(drawn, view, width, props.labels.alarm_bars),
      h("line", { key: "base", className: "strip-base", x1: 0, x2: width, y1: BASE + 0.5, y2: BASE + 0.5 }),
      ...sun(drawn, view, width, props),
      ...notes(drawn, view, width, props),
    ]);
  };
  vigie.timelineAxis = { ticks, HEIGHT, AXIS, KINDS };
})();
