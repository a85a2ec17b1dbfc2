// vigie.PastTimeline: the instant shown, steps, date and time, and a slider over the density of state changes.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, instant, classes } = vigie.draw;
  const STEPS = [["minus_hour", -3600], ["minus_ten", -600], ["plus_ten", 600], ["plus_hour", 3600]];
  const KEYS = { ArrowLeft: -600, ArrowRight: 600, ArrowDown: -3600, ArrowUp: 3600, PageDown: -86400, PageUp: 86400 };
  const EVERY_MS = 250;
  const SNAP_S = 60;
  const UP = 60;
  const HIGH = 84;
  const GRAVE = ["fault", "degraded", "comms_lost"];

  const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const bar = (x, y, height) => `M${x.toFixed(2)} ${y.toFixed(2)}h.8v${height.toFixed(2)}h-.8z`;

  // Grave changes upwards, stacked, capped so that a storm does not flatten other nights; the rest down, on a log scale.
  function shapes(props) {
    const totals = props.times.map((_, at) => GRAVE.reduce((sum, name) => sum + props[name][at], 0));
    const sorted = [...totals].sort((a, b) => a - b);
    const top = Math.max(4, 2.5 * (sorted[Math.floor(sorted.length * 0.95)] || 0));
    const most = Math.log1p(Math.max(1, ...props.other));
    const paths = { fault: "", degraded: "", comms_lost: "", other: "" };
    props.times.forEach((_, at) => {
      let y = UP;
      for (const name of GRAVE) {
        const height = clamp((props[name][at] / top) * UP, 0, Math.max(0, y));
        if (height) paths[name] += bar(at, (y -= height), height);
      }
      const down = (Math.log1p(props.other[at]) / most) * (HIGH - UP - 2);
      if (down) paths.other += bar(at, UP + 1, down);
    });
    return paths;
  }

  function density(props) {
    if (!props.times || !props.times.length) return h("p", { key: "none", className: "timeline-none" }, props.labels.no_density);
    const paths = shapes(props);
    return h(
      "svg",
      { key: "density", className: "timeline-density", viewBox: `0 0 ${props.times.length} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": true },
      Object.entries(paths).map(([name, d]) => h("path", { key: name, d, className: `density-${name}` }))
    );
  }

  function days({ t0, t1, zone, language }) {
    const marks = [];
    for (let at = vigie.wall.midnight(t0, zone); at && at < t1; at = vigie.wall.midnight(at + 3600, zone)) marks.push(at);
    return marks.map((at) =>
      h("span", { key: at, className: "timeline-day", style: { left: `${(100 * (at - t0)) / (t1 - t0)}%` } }, instant(at, language, zone, { weekday: "short", day: "numeric" }))
    );
  }

  // Emit at most four a second while something is dragged or a key is held, and always the last.
  function useEmit(props) {
    const own = window.React.useRef({ due: 0 });
    return function emit(seconds) {
      clearTimeout(own.current.timer);
      const tell = () => {
        own.current.due = performance.now() + EVERY_MS;
        props.setProps({ at: iso(seconds) });
        vigie.writeAddress(`?at=${iso(seconds)}`);
      };
      own.current.timer = setTimeout(tell, Math.max(0, own.current.due - performance.now()));
    };
  }

  function useEscape(live) {
    window.React.useEffect(() => {
      const leave = (event) => {
        const typing = event.target.closest && event.target.closest("input, select, textarea, .city-map");
        if (event.key === "Escape" && !typing) window.location.assign(live);
      };
      // Before the page's other shortcuts: out of the past there is one key, whatever else it does elsewhere.
      window.addEventListener("keydown", leave, true);
      return () => window.removeEventListener("keydown", leave, true);
    }, [live]);
  }

  function controls(props, at, move) {
    const { labels, zone } = props;
    const typed = (event) => {
      const seconds = vigie.wall.instant(event.target.value, zone);
      if (seconds !== null) move(seconds);
    };
    return h("div", { key: "controls", className: "timeline-controls", role: "group", "aria-label": labels.choose }, [
      ...STEPS.slice(0, 2).map(([name, by]) => h("button", { key: name, type: "button", className: "timeline-step", onClick: () => move(at + by) }, labels[name])),
      h("input", {
        key: "field", type: "datetime-local", className: "timeline-field", "aria-label": labels.instant,
        value: vigie.wall.field(at, zone), max: vigie.wall.field(props.t1, zone), onChange: typed,
      }),
      ...STEPS.slice(2).map(([name, by]) => h("button", { key: name, type: "button", className: "timeline-step", onClick: () => move(at + by), disabled: at + by > props.t1 }, labels[name])),
      h("span", { key: "about", className: "timeline-about" }, [
        h("span", { key: "title" }, labels.timeline),
        h("i", { key: "k1", className: "key-fault" }), h("span", { key: "up" }, labels.up),
        h("i", { key: "k2", className: "key-other" }), h("span", { key: "down" }, labels.down),
      ]),
    ]);
  }

  function slider(props, at, move) {
    const { t0, t1, zone, language } = props;
    const said = instant(at, language, zone, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
    const pointed = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      move(t0 + clamp((event.clientX - box.left) / box.width, 0, 1) * (t1 - t0));
    };
    const keyed = (event) => {
      const to = event.key === "Home" ? t0 : event.key === "End" ? t1 : KEYS[event.key] ? at + KEYS[event.key] : null;
      if (to === null) return;
      event.preventDefault();
      move(to);
    };
    const place = (100 * (clamp(at, t0, t1) - t0)) / (t1 - t0);
    return h(
      "div",
      {
        key: "slider", className: "timeline-track", role: "slider", tabIndex: 0, "aria-label": props.labels.slider,
        "aria-valuemin": t0, "aria-valuemax": t1, "aria-valuenow": Math.round(at), "aria-valuetext": said, onKeyDown: keyed,
        onPointerDown: (event) => { event.currentTarget.setPointerCapture(event.pointerId); pointed(event); },
        onPointerMove: (event) => event.currentTarget.hasPointerCapture(event.pointerId) && pointed(event),
      },
      [
        density(props),
        ...days(props),
        h("span", { key: "hand", className: classes("timeline-hand", place > 88 && "late"), style: { left: `${place}%` } },
          h("b", null, instant(at, language, zone, { weekday: "short", hour: "2-digit", minute: "2-digit" }))),
      ]
    );
  }

  vigie.PastTimeline = function PastTimeline(props) {
    const { useState, useEffect } = window.React;
    const emit = useEmit(props);
    const given = Date.parse(props.at) / 1000;
    const [at, setAt] = useState(given);
    useEscape(props.live);
    const move = (seconds) => {
      const next = Math.min(Math.round(seconds / SNAP_S) * SNAP_S, props.t1);
      setAt(next);
      emit(next);
    };
    // Without an instant in the address the newest is shown, once it is known which that is.
    useEffect(() => {
      if (props.t1 && Number.isNaN(at)) move(props.t1);
    }, [props.t1]);
    const ready = props.t1 && !Number.isNaN(at);
    return h("section", { id: props.id, className: "timeline", "aria-label": props.labels.choose }, ready ? [controls(props, at, move), slider(props, at, move)] : null);
  };
})();
