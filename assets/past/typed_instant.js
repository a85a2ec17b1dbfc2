// vigie.TypedInstant: an instant as one writes it, on the city's wall clock, to the second. In the hour that comes
// twice one says which. A phone has its own way to choose a date, and keeps it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, classes } = vigie.draw;
  const TIME = /^(\d{1,2})(?:[:hH](\d{2}))?(?:[:mM](\d{2}))?$/;
  const DAY = /^(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}|\d{2}))?$/;
  const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
  const two = (value) => String(value).padStart(2, "0");

  // 21/11/2026 21:45:00, day first in both languages.
  function write(seconds, zone) {
    const p = vigie.wall.parts(seconds, zone);
    return `${p.day}/${p.month}/${p.year} ${p.hour}:${p.minute}:${p.second}`;
  }

  function readDay(word, near) {
    const day = DAY.exec(word);
    if (day) return [day[3] ? day[3].padStart(4, "20") : near.year, two(day[2]), two(day[1])];
    const iso = ISO_DAY.exec(word);
    return iso ? iso.slice(1) : null;
  }

  function readTime(word) {
    const time = TIME.exec(word);
    if (!time || Number(time[1]) > 23 || Number(time[2] || 0) > 59 || Number(time[3] || 0) > 59) return null;
    return [two(time[1]), time[2] || "00", time[3] || "00"];
  }

  // The text of a wall clock (2026-11-21T21:45:00) that `text` means: a day, a time, or both; what is left out is that
  // of the instant shown. Null when it means none.
  function read(text, seconds, zone) {
    const near = vigie.wall.parts(seconds, zone);
    let day = [near.year, near.month, near.day];
    let time = [near.hour, near.minute, near.second];
    const words = text.trim().split(/[\sT,]+/).filter(Boolean);
    for (const word of words) {
      const asDay = readDay(word, near);
      const asTime = asDay ? null : readTime(word);
      if (!asDay && !asTime) return null;
      day = asDay || day;
      time = asTime || time;
    }
    const wall = `${day.join("-")}T${time.join(":")}`;
    const real = new Date(`${wall}Z`);
    // The 31st of a month that has 30 is no day.
    return words.length && !Number.isNaN(real.getTime()) && real.getUTCDate() === Number(day[2]) ? wall : null;
  }

  const coarse = window.matchMedia("(pointer: coarse)");

  vigie.TypedInstant = function TypedInstant(props) {
    const { useState } = window.React;
    const { clock, wall, hand } = vigie;
    const { zone } = props;
    const words = props.labels.timeline;
    const [typing, setTyping] = useState(null);
    const [wrong, setWrong] = useState(false);
    const both = wall.instants(wall.field(clock.at, zone), zone);
    const second = both.length > 1 && clock.at >= both[1];
    const go = (text) => {
      const [first] = text ? wall.instants(text, zone) : [];
      const known = first !== undefined && first <= clock.now;
      setWrong(!known);
      if (known) hand.go(first);
      return known;
    };
    const commit = () => typing !== null && go(read(typing, clock.at, zone)) && setTyping(null);
    const leave = () => {
      if (wrong || typing === null) return setTyping(null) || setWrong(false);
      return commit();
    };
    const native = coarse.matches;
    const field = native
      ? { type: "datetime-local", step: 1, value: wall.field(clock.at, zone), max: wall.field(clock.now, zone), onChange: (event) => go(event.target.value) }
      : {
          type: "text", value: typing === null ? write(clock.at, zone) : typing, spellCheck: false, autoComplete: "off", placeholder: words.typed_hint,
          onChange: (event) => (setTyping(event.target.value), setWrong(false)),
          onKeyDown: (event) => event.key === "Enter" && (event.preventDefault(), commit()),
          onFocus: (event) => event.target.select(), onBlur: leave,
        };
    return h("div", { className: "timeline-typed" }, [
      h("input", { key: "field", className: classes("timeline-field", wrong && "wrong"), "aria-label": words.instant, title: words.typed_hint, "aria-invalid": wrong, "aria-describedby": wrong ? `${props.id}-wrong` : undefined, ...field }),
      wrong && h("span", { key: "wrong", id: `${props.id}-wrong`, role: "alert", className: "timeline-shared" }, words.typed_wrong),
      both.length > 1 && h("button", { key: "twice", type: "button", className: "timeline-link", title: words.twice, "data-do": "twice", onClick: () => hand.go(both[second ? 0 : 1]) }, second ? words.twice_second : words.twice_first),
    ]);
  };

  vigie.typed = { read, write };
})();
