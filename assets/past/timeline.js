// vigie.PastTimeline: the one clock of the past as one sees it, under the map: density, hand, flags, buttons.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number, instant, classes } = vigie.draw;
  const { clamp } = vigie.time;
  const BUTTONS_EVERY_MS = 200;
  const FLAG_ROOM_PX = 78;
  const EDGE_PX = 70;

  function useWidth() {
    const { useState, useLayoutEffect, useRef } = window.React;
    const box = useRef(null);
    const [width, setWidth] = useState(0);
    useLayoutEffect(() => {
      const watch = new ResizeObserver((entries) => setWidth(Math.round(entries[0].contentRect.width)));
      watch.observe(box.current);
      return () => watch.disconnect();
    }, []);
    return [box, width];
  }

  // --- what stands on the picture ------------------------------------------------------------------------------

  const placeOf = (t, view, width) => ((t - view.t0) / (view.t1 - view.t0)) * width;

  function timeText(t, props, span) {
    const time = { hour: "2-digit", minute: "2-digit" };
    if (span <= 6 * 3600) time.second = "2-digit";
    const day = span > 1.5 * 86400 ? { day: "numeric", month: "short" } : {};
    return instant(t, props.language, props.zone, { ...day, ...time });
  }

  function flag(name, view, width, props) {
    const at = vigie.clock[name];
    if (at === null) return null;
    const x = placeOf(at, view, width);
    if (x < -1 || x > width + 1) return null;
    const left = name === "a" ? x > EDGE_PX : x > width - EDGE_PX;
    return h("span", { key: name, className: classes("timeline-flag", `flag-${name}`, left && "leftward"), style: { left: `${x}px` } }, [
      h("b", { key: "letter" }, name.toUpperCase()), h("span", { key: "time" }, timeText(at, props, view.t1 - view.t0)),
    ]);
  }

  function between(view, width) {
    const { a, b } = vigie.clock;
    if (a === null || b === null) return null;
    const left = clamp(placeOf(a, view, width), 0, width);
    const right = clamp(placeOf(b, view, width), 0, width);
    return h("span", { key: "between", className: "timeline-between", style: { left: `${left}px`, width: `${right - left}px` } });
  }

  function hand(view, width, props) {
    const { clock } = vigie;
    const x = placeOf(clock.at, view, width);
    if (x < -1 || x > width + 1) return null;
    const near = ["a", "b"].some((name) => clock[name] !== null && Math.abs(placeOf(clock[name], view, width) - x) < FLAG_ROOM_PX);
    return h("span", { key: "hand", className: classes("timeline-hand", x > width - EDGE_PX && "late"), style: { left: `${x}px` } },
      !near && h("b", null, timeText(clock.at, props, view.t1 - view.t0)));
  }

  // Under the pointer: how many alarms and changes fell in that step.
  function pointedAt(event, data, view) {
    const box = event.currentTarget.getBoundingClientRect();
    const t = view.t0 + ((event.clientX - box.left) / Math.max(1, box.width)) * (view.t1 - view.t0);
    const at = data ? data.times.findIndex((from) => t >= from && t < from + data.step) : -1;
    return at < 0 ? null : at;
  }

  function barText(data, at, props) {
    const words = props.labels.timeline;
    const span = data.step >= 86400 ? { day: "numeric", month: "short" } : { weekday: "short", hour: "2-digit", minute: "2-digit" };
    const when = (t) => instant(t, props.language, props.zone, span);
    const changes = vigie.timelineAxis.KINDS.reduce((sum, kind) => sum + data[kind][at], 0);
    const alarms = vigie.alarmBars.said(data.alarms, data.times[at], data.times[at] + data.step, props, props.labels.alarm_bars);
    const what = [alarms, changes ? `${number(changes, props.language)} ${words.changes}` : words.nothing].filter(Boolean).join(", ");
    return fill(words.bar, { from: when(data.times[at]), to: when(data.times[at] + data.step), what });
  }

  function keyed(event, props) {
    const { clock, hand: move } = vigie;
    const { step, skip } = move.paceOf(clock.span);
    const by = event.shiftKey ? skip : step;
    const ways = {
      ArrowLeft: () => move.by(-by), ArrowDown: () => move.by(-by), ArrowRight: () => move.by(by), ArrowUp: () => move.by(by),
      PageDown: () => move.byDays(-1, props.zone), PageUp: () => move.byDays(1, props.zone),
      Home: () => move.go(Math.ceil(clock.view.t0)), End: () => move.go(Math.floor(clock.view.t1)),
    };
    if (!ways[event.key]) return;
    event.preventDefault();
    ways[event.key]();
  }


  function Track({ props, width, box, found }) {
    const { useMemo, useRef, useState } = window.React;
    const clock = vigie.useClock();
    const track = useRef(null);
    const drag = vigie.useDrag(track);
    const [pointed, setPointed] = useState(null);
    const { view } = clock;
    const picture = useMemo(() => view && width > 0 && vigie.timelinePicture(found.data, view, width, props), [found.data, view, width, props.language]);
    const words = props.labels.timeline;
    const options = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
    const spoken = clock.at === null ? "" : instant(clock.at, props.language, props.zone, { ...options, ...(clock.motion === "play" ? {} : { second: "2-digit" }) });
    const value = Math.round(clock.at / (clock.motion === "play" ? 60 : 1)) * (clock.motion === "play" ? 60 : 1);
    return h("div", { className: "timeline-box", ref: box }, h("div", {
      className: "timeline-track", ref: track, role: "slider", tabIndex: 0, "aria-label": words.slider, "aria-describedby": `${props.id}-help`,
      "aria-valuemin": view ? Math.round(view.t0) : 0, "aria-valuemax": view ? Math.round(Math.min(view.t1, clock.now)) : 0, "aria-valuenow": value, "aria-valuetext": spoken,
      onKeyDown: (event) => keyed(event, props), onFocus: () => vigie.hand.prepare(), onPointerEnter: () => vigie.hand.prepare(), ...drag,
      onPointerMove: (event) => {
        drag.onPointerMove(event);
        setPointed(pointedAt(event, found.data, clock.view));
      },
      onPointerLeave: () => setPointed(null),
    }, view && width > 0 ? [
      h(window.React.Fragment, { key: "picture" }, picture),
      between(view, width), flag("a", view, width, props), flag("b", view, width, props), hand(view, width, props),
      pointed !== null && found.data && pointed < found.data.times.length && h("span", { key: "said", className: "timeline-said" }, barText(found.data, pointed, props)),
      found.state !== "ready" && h("span", { key: "state", className: `timeline-state state-${found.state}`, role: "status" }, words[`density_${found.state}`]),
    ] : null));
  }

  // What the line beside the buttons says: a notice, else the difference, else how to read the bars.
  const isHow = () => !vigie.clock.notice && !vigie.clock.waiting && vigie.difference.state === "none";

  function lineOf(props, width) {
    const { clock } = vigie;
    const words = props.labels.timeline;
    if (clock.waiting && clock.motion === "play") return words.waiting;
    if (clock.notice === "none_after" || clock.notice === "none_before") return fill(words.none_near, { side: words[clock.notice === "none_after" ? "side_after" : "side_before"] });
    if (clock.notice) return words[clock.notice];
    const sentence = vigie.differenceSentence(props);
    if (sentence) return sentence;
    return fill(words.how, { step: vigie.lengthOf(vigie.density.stepOf(clock.span, width || 900), props.labels.age) });
  }

  vigie.PastTimeline = function PastTimeline(props) {
    const [box, width] = useWidth();
    vigie.telling.useBegin(props);
    vigie.telling.useTelling(props);
    const clock = vigie.useClock(undefined, BUTTONS_EVERY_MS);
    vigie.useDifference();
    const said = vigie.telling.useSaid(props);
    const found = vigie.useDensity(clock.view, width);
    const words = props.labels.timeline;
    const ready = clock.at !== null && clock.view;
    const line = ready ? lineOf(props, width) : "";
    return h("section", { id: props.id, className: classes("timeline", `moving-${clock.motion}`), "aria-label": words.choose }, [
      ready && h("div", { key: "controls", className: "timeline-controls" }, [
        vigie.timelineTransport(props), vigie.timelineSpeed(props), vigie.timelineFlags(props),
        h("p", { key: "line", className: classes("timeline-line", clock.notice && "notice", isHow() && "how"), title: line }, line),
        h(vigie.TypedInstant, { key: "typed", ...props }), vigie.timelineSpan(props), h(vigie.Keeping, { key: "keeping", ...props }),
      ]),
      h(Track, { key: "track", props, width, box, found }),
      h("p", { key: "help", id: `${props.id}-help`, className: "unseen" }, words.slider_help),
      h("p", { key: "said", className: "unseen", role: "status", "aria-live": "polite" }, said),
    ]);
  };
})();
