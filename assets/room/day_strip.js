// vigie.DayStrip: the last 24 hours. Upwards in colour the alarms by priority, with the line of a flood
// (``alarms/load_bars.js``); downwards in grey all changes of state on a logarithmic scale, since dusk moves every lamp.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number, instant, useSecond, classes } = vigie.draw;
  const HEIGHT = 100;
  const BASE = 58;
  const UP = 46;
  const DOWN = 24;
  const LEAST_BOTTOM = 1000;
  const LABEL_EVERY_S = [7200, 14400, 21600];
  const LABEL_ROOM_PX = 42;
  const LABEL_PX = 96;

  function useWidth() {
    const { useState, useLayoutEffect, useRef } = window.React;
    const box = useRef(null);
    const [width, setWidth] = useState(0);
    useLayoutEffect(() => {
      if (!box.current) return undefined;
      const watch = new ResizeObserver((entries) => setWidth(Math.round(entries[0].contentRect.width)));
      watch.observe(box.current);
      return () => watch.disconnect();
    }, []);
    return [box, width];
  }

  function scales(props, width) {
    const t0 = props.times[0];
    const t1 = props.times[props.times.length - 1] + props.step;
    const bottom = Math.log1p(Math.max(LEAST_BOTTOM, ...props.changes));
    return {
      t0,
      t1,
      x: (t) => ((t - t0) / (t1 - t0)) * width,
      down: (n) => (Math.log1p(n) / bottom) * DOWN,
    };
  }

  function daylight(props, scale, width) {
    return (props.days || []).map(([rise, set], at) => {
      const left = Math.max(0, scale.x(rise));
      const right = Math.min(width, scale.x(set));
      return right > left && h("rect", { key: `day${at}`, className: "strip-day", x: left, y: 0, width: right - left, height: HEIGHT });
    });
  }

  function twilight(props, scale, width) {
    const mark = (seconds, name, key) => {
      const x = scale.x(seconds);
      if (name === "sunset" ? x < LABEL_PX || x > width : x < 0 || x > width - LABEL_PX) return null;
      const words = `${props.labels[name]} ${clock(seconds, props)}`;
      return h("text", { key, className: "strip-sun", x: name === "sunset" ? x - 4 : x + 4, y: 10, textAnchor: name === "sunset" ? "end" : "start" }, words);
    };
    return (props.days || []).flatMap(([rise, set], at) => [mark(rise, "sunrise", `rise${at}`), mark(set, "sunset", `set${at}`)]);
  }

  const clock = (seconds, props) => instant(seconds, props.language, props.zone, { hour: "2-digit", minute: "2-digit" });

  function bars(props, scale, width) {
    const wide = Math.max(1, width / props.times.length - 1);
    return props.times.map((t, at) => {
      const low = scale.down(props.changes[at]);
      return low > 0 && h("rect", { key: t, className: "strip-other", x: scale.x(t), y: BASE + 1, width: wide, height: low });
    });
  }

  function hours(props, scale, width) {
    const fits = (step) => (width * step) / (scale.t1 - scale.t0) > LABEL_ROOM_PX;
    const every = LABEL_EVERY_S.find(fits) || LABEL_EVERY_S.at(-1);
    const marks = [];
    for (let t = Math.ceil(scale.t0 / every) * every; t < scale.t1; t += every) {
      const x = scale.x(t);
      if (x < 20 || x > width - 24) continue;
      marks.push(h("g", { key: t }, [
        h("line", { key: "line", className: "strip-tick", x1: x, x2: x, y1: 0, y2: HEIGHT - 14 }),
        h("text", { key: "text", className: "strip-hour", x, y: HEIGHT - 2, textAnchor: "middle" }, clock(t, props)),
      ]));
    }
    return marks;
  }

  function said(props, at) {
    const t = props.times[at];
    const words = props.labels;
    const alarms = vigie.alarmBars.said(props.alarms, t, t + props.step, props, words);
    const changes = props.changes[at] ? `${number(props.changes[at], props.language)} ${words.changes}` : words.empty;
    return fill(words.step, { from: clock(t, props), to: clock(t + props.step, props), what: [alarms, changes].filter(Boolean).join(", ") });
  }

  // One way to the past over all steps: the instant is read from where the pointer is.
  function useInstant(props, scale, width) {
    const { useState } = window.React;
    const [at, setAt] = useState(null);
    const place = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const share = (event.clientX - box.left) / Math.max(1, box.width);
      return Math.min(props.times.length - 1, Math.max(0, Math.floor(share * props.times.length)));
    };
    const follow = (event) => setAt(place(event));
    const leave = () => setAt(null);
    const href = at === null ? null : fill(props.href, { at: new Date(props.times[at] * 1000).toISOString() });
    return { at, follow, leave, href };
  }

  function Drawing({ props, width }) {
    const scale = scales(props, width);
    const pointed = useInstant(props, scale, width);
    const now = Math.min(width - 1, scale.x(vigie.store("live").now() || props.now));
    const cursor = pointed.at === null ? null : scale.x(props.times[pointed.at]);
    return [
      h("a", { key: "drawing", className: "strip-way", href: pointed.href || fill(props.href, { at: "" }), onMouseMove: pointed.follow, onMouseLeave: pointed.leave, "aria-label": props.labels.go },
        h("svg", { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": true }, [
          ...daylight(props, scale, width),
          ...hours(props, scale, width),
          ...bars(props, scale, width),
          ...vigie.alarmBars.draw(props.alarms, { ...scale, width, base: BASE, up: UP }, props.labels),
          h("line", { key: "base", className: "strip-base", x1: 0, x2: width, y1: BASE + 0.5, y2: BASE + 0.5 }),
          ...twilight(props, scale, width),
          cursor !== null && h("rect", { key: "cursor", className: "strip-cursor", x: cursor, y: 0, width: Math.max(2, width / props.times.length), height: HEIGHT - 14 }),
          h("path", { key: "now", className: "strip-now", d: `M${now - 5} 0H${now + 1}V${HEIGHT - 14}H${now - 1}V8Z` }),
        ])),
      pointed.at !== null && h("span", { key: "said", className: "strip-said" }, said(props, pointed.at)),
    ];
  }

  vigie.DayStrip = function DayStrip(props) {
    useSecond();
    const [box, width] = useWidth();
    const words = props.labels;
    const drawn = props.state === "ready" && (props.times || []).length > 0;
    return h("section", { id: props.id, className: classes("strip", props.className), "aria-label": words.title }, [
      h("div", { key: "head", className: "strip-head" }, [h("h2", { key: "title" }, words.title), h("span", { key: "how" }, words.how)]),
      h("div", { key: "box", className: "strip-box", ref: box }, drawn && width > 0
        ? h(Drawing, { key: "drawn", props, width })
        : h("p", { key: "said", className: "strip-empty", role: "status" }, words[props.state === "ready" ? "empty" : props.state])),
    ]);
  };
})();
