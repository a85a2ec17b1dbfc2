// vigie.AsOf: the instant shown, in words: large in the bar, as a short note on every panel that shows its state.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, instant, timeOfDay } = vigie.draw;

  vigie.AsOf = function AsOf(props) {
    const clock = vigie.useClock((news) => "at" in news);
    const { language, zone, labels } = props;
    if (clock.at === null) return h("span", { className: "as-of" }, props.full ? labels.state : "");
    const day = (options) => instant(clock.at, language, zone, options);
    const time = timeOfDay(clock.at, language, zone);
    if (!props.full) {
      const at = `${day({ day: "numeric", month: "short", year: "numeric" })} ${time}`;
      return h("p", { className: "as-of" }, fill(labels.as_of_full, { at }));
    }
    return h("div", { className: "past-as-of", role: "timer", "aria-live": "off" }, [
      h("span", { key: "word", className: "past-word" }, labels.state),
      h("span", { key: "day", className: "past-day" }, [
        h("span", { key: "long", className: "past-long" }, day({ weekday: "long", day: "numeric", month: "long", year: "numeric" })),
        h("span", { key: "short", className: "past-short" }, day({ weekday: "short", day: "numeric", month: "short", year: "2-digit" })),
      ]),
      h("time", { key: "time", className: "past-time" }, time),
    ]);
  };
})();
