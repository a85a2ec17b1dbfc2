// vigie.Clock: the city's time by the server's clock, and whether what is on screen is of now.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, instant, timeOfDay, useStore, useSecond, classes } = vigie.draw;

  // "interrompu" stands in the colour and shape of a lost link: it is one.
  function dot(state) {
    if (state === "cut" || state === "none" || state === "out") return vigie.draw.symbol("freshness", "stale", 16);
    if (state === "database") return vigie.draw.symbol("freshness", "late", 16);
    return h("span", { key: "dot", className: "clock-dot", "aria-hidden": true });
  }

  vigie.Clock = function Clock(props) {
    const store = useStore(props.mode, (news) => news.link || news.all, 50);
    useSecond();
    const past = props.mode === "past";
    const now = past && props.at ? Date.parse(props.at) / 1000 : store.now();
    const state = past ? "past" : store.link.state;
    const { language, zone, labels } = props;
    const date = now === null ? ["", ""] : [
      instant(now, language, zone, { weekday: "long" }),
      instant(now, language, zone, { day: "numeric", month: "short", year: "numeric" }),
    ];
    return h("div", { id: props.id, className: classes("clock", `clock-${state}`, props.className), role: "timer", "aria-live": "off" }, [
      h("span", { key: "state", className: "clock-state", "data-state": state }, [dot(state), h("span", { key: "word" }, labels.clock[state] || labels.clock.starting)]),
      h("time", { key: "time", className: "clock-time" }, now === null ? "––:––:––" : timeOfDay(now, language, zone)),
      h("span", { key: "date", className: "clock-date" }, [h("span", { key: "d" }, date[0]), h("span", { key: "m" }, date[1])]),
    ]);
  };
})();
