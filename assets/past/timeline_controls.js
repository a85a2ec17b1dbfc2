// The timeline's buttons: steps, play, speed, flags, a typed instant, the span, and what to keep or send of it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, symbol, classes } = vigie.draw;
  const SPANS = [3600, 21600, 86400, 604800, 2592000, 34560000];

  function button(name, icon, label, act, more = {}) {
    return h("button", { key: name, type: "button", className: classes("timeline-button", more.className), title: label, "aria-label": label, "data-do": name, disabled: more.disabled, "aria-pressed": more.pressed, onClick: act },
      icon ? symbol("icon", icon, 16) : more.text);
  }

  // 5 min, 1 h, 1 d: a length in few words.
  function lengthOf(seconds, words) {
    if (seconds < 60) return fill(words.seconds, { s: seconds });
    if (seconds < 3600) return fill(words.minutes, { m: seconds / 60 });
    if (seconds < 86400) return `${seconds / 3600} h`;
    return fill(words.days, { d: seconds / 86400 });
  }
  vigie.lengthOf = lengthOf;

  vigie.timelineTransport = function (props) {
    const { clock, hand, player } = vigie;
    const words = props.labels.timeline;
    const { skip } = hand.paceOf(clock.span);
    const far = lengthOf(skip, props.labels.age);
    const playing = player.playing;
    return h("div", { key: "transport", className: "timeline-transport", role: "group", "aria-label": words.choose }, [
      button("previous", "step_back", words.previous, () => hand.toChange(-1)),
      button("back", "skip_back", fill(words.back, { by: far }), () => hand.by(-skip)),
      button("play", playing ? "pause" : "play", playing ? words.pause : words.play, () => player.toggle(), { className: "primary" }),
      button("on", "skip_on", fill(words.on, { by: far }), () => hand.by(skip), { disabled: clock.at + skip > clock.now }),
      button("next", "step_on", words.next, () => hand.toChange(1)),
    ]);
  };

  const times = (n, props) => fill(props.labels.timeline.speed_is, { n: vigie.draw.number(n, props.language) });
  vigie.speedText = times;

  vigie.timelineSpeed = function (props) {
    const { clock } = vigie;
    const words = props.labels.timeline;
    return h("select", { key: "speed", className: "timeline-select", "aria-label": words.speed, title: words.speed, value: clock.speed, onChange: (event) => clock.set({ speed: Number(event.target.value) }) },
      vigie.time.SPEEDS.map((n) => h("option", { key: n, value: n }, times(n, props))));
  };

  vigie.timelineFlags = function (props) {
    const { clock } = vigie;
    const words = props.labels.timeline;
    const both = clock.a !== null && clock.b !== null;
    return h("div", { key: "flags", className: "timeline-flags", role: "group", "aria-label": words.flags }, [
      button("a", null, words.set_a, () => clock.flag("a"), { text: "A", className: clock.a !== null && "set" }),
      button("b", null, words.set_b, () => clock.flag("b"), { text: "B", className: clock.b !== null && "set" }),
      (clock.a !== null || clock.b !== null) && button("clear", "close", words.clear, () => clock.unflag()),
      both && !clock.differs && clock.motion === "still" &&
        h("button", { key: "to_b", type: "button", className: "timeline-link", "data-do": "to_b", onClick: () => vigie.hand.go(clock.b) }, words.to_b),
    ]);
  };

  vigie.timelineSpan = function (props) {
    const { clock } = vigie;
    const words = props.labels.timeline;
    const near = SPANS.find((span) => Math.abs(span - clock.span) < 0.02 * span);
    const next = (way) => {
      const wider = SPANS.filter((span) => span > clock.span * 1.02);
      const narrower = SPANS.filter((span) => span < clock.span * 0.98);
      return way > 0 ? wider[0] : narrower[narrower.length - 1];
    };
    const turn = (way) => next(way) && clock.zoom(next(way));
    return h("div", { key: "span", className: "timeline-span", role: "group", "aria-label": words.span }, [
      button("wider", "minus", words.zoom_out, () => turn(1), { disabled: !next(1) }),
      h("select", { key: "select", className: "timeline-select", "aria-label": words.span, value: near || "", onChange: (event) => clock.zoom(Number(event.target.value)) }, [
        !near && h("option", { key: "own", value: "" }, lengthOf(Math.round(clock.span / 3600) * 3600, props.labels.age)),
        ...SPANS.map((span) => h("option", { key: span, value: span }, words[`span_${span}`])),
      ]),
      button("narrower", "plus", words.zoom_in, () => turn(-1), { disabled: !next(-1) }),
    ]);
  };
  vigie.turnSpan = (way) => {
    const { span } = vigie.clock;
    const found = way > 0 ? SPANS.find((other) => other > span * 1.02) : SPANS.filter((other) => other < span * 0.98).pop();
    if (found) vigie.clock.zoom(found);
  };

  // Copies the address of what is shown, and says so; where the clipboard is refused, says how.
  vigie.Keeping = function Keeping(props) {
    const { useEffect, useState } = window.React;
    const [said, setSaid] = useState("");
    const words = props.labels.timeline;
    useEffect(() => {
      if (!said) return undefined;
      const timer = setTimeout(() => setSaid(""), 4000);
      return () => clearTimeout(timer);
    }, [said]);
    const share = async () => {
      vigie.pastAddress.write();
      try {
        await navigator.clipboard.writeText(window.location.href);
        setSaid(words.shared);
      } catch (refused) {
        console.warn("vigie: the clipboard is refused:", refused.message);
        setSaid(words.share_by_hand);
      }
    };
    return h("div", { className: "timeline-keeping" }, [
      button("bookmarks", "bookmark", words.bookmarks, () => document.querySelector("dialog.keeping").showModal()),
      button("share", "share", words.share, share),
      h("span", { key: "said", className: "timeline-shared", role: "status" }, said),
    ]);
  };
})();
