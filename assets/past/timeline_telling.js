// What the timeline tells and is told: it begins with the address, tells callbacks and the address once the hand
// rests, and says to a screen reader where it came to rest.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { fill, number, instant } = vigie.draw;
  const { iso, seconds } = vigie.time;
  const REST_MS = 450;
  const PLAYING_EVERY_MS = 2000;
  const SAID_AFTER_MS = 1200;
  const SAID_PLAYING_MS = 6000;
  // Where the hand stands when a stretch of time is first shown, as a share of it.
  const FIRST_SHARE = 0.7;

  // --- the clock begins with the address, and ends with the page -----------------------------------------------

  function begin(props) {
    const { clock } = vigie;
    const at = Math.min(seconds(props.at) || Math.floor(clock.now / 60) * 60, clock.now);
    const b = seconds(props.b);
    const a = seconds(props.a);
    clock.view = null;
    vigie.told = props.at;
    clock.set({ at: Math.round(at), speed: props.speed || 60, motion: "still", waiting: false, notice: null });
    clock.look(clock.at - FIRST_SHARE * props.span, props.span);
    clock.set({ a: a !== null && (b === null || a < b) ? a : null, b });
    vigie.past.show(clock.at);
  }

  function useBegin(props) {
    window.React.useLayoutEffect(() => {
      begin(props);
      return () => {
        vigie.player.run += 1;
        vigie.clock.set({ motion: "still", a: null, b: null });
        vigie.clock.view = null;
      };
    }, []);
    // A callback or a bookmark may set the hand and the flags as well.
    window.React.useEffect(() => {
      const at = seconds(props.at);
      if (at !== null && props.at !== vigie.told) vigie.hand.go(at);
    }, [props.at]);
    window.React.useEffect(() => {
      for (const name of ["a", "b"]) {
        const at = seconds(props[name]);
        if (at !== vigie.clock[name] && props[name] !== undefined) vigie.clock.set({ [name]: at });
      }
    }, [props.a, props.b]);
  }

  // Callbacks hear of the instant once the hand rests, every two seconds while it plays; the address goes with them.
  function useTelling(props) {
    const own = window.React.useRef({});
    own.current.props = props;
    window.React.useEffect(() => {
      const { clock } = vigie;
      const tell = () => {
        own.current.timer = null;
        own.current.told = performance.now();
        const at = iso(clock.at);
        vigie.told = at;
        const flag = (name) => (clock[name] === null ? null : iso(clock[name]));
        own.current.props.setProps({ at, a: flag("a"), b: flag("b"), speed: clock.speed, span: Math.round(clock.span), address: vigie.pastAddress.write() });
      };
      const soon = () => {
        if (clock.at === null || !clock.view) return;
        if (clock.motion === "play") {
          if (!own.current.timer) own.current.timer = setTimeout(tell, Math.max(0, (own.current.told || 0) + PLAYING_EVERY_MS - performance.now()));
          return;
        }
        clearTimeout(own.current.timer);
        own.current.timer = setTimeout(tell, REST_MS);
      };
      own.current.soon = soon;
      const stops = [clock.subscribe(soon), vigie.past.subscribe((news) => news.filters && soon())];
      soon();
      return () => {
        clearTimeout(own.current.timer);
        stops.forEach((stop) => stop());
      };
    }, []);
    window.React.useEffect(() => {
      vigie.pastAddress.asset = props.asset || null;
      if (own.current.soon) own.current.soon();
    }, [props.asset]);
  }

  // What a screen reader hears: where the hand came to rest and what stood there; while playing, now and then.
  function useSaid(props) {
    const { useEffect, useState } = window.React;
    const [said, setSaid] = useState("");
    useEffect(() => {
      let timer = null;
      const say = () => {
        const { clock, past } = vigie;
        const words = props.labels.timeline;
        const options = { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
        const at = instant(clock.at, props.language, props.zone, options);
        if (clock.motion === "play") return setSaid(fill(words.said_playing, { at, speed: vigie.speedText(clock.speed, props) }));
        const found = past.counts().classes;
        const count = (name) => number(found[vigie.codes.CLASS[name]], props.language);
        const counted = Object.fromEntries(["fault", "degraded", "comms_lost", "unknown"].map((name) => [name, count(name)]));
        return setSaid([fill(words.said, { at, ...counted }), vigie.differenceSentence(props)].filter(Boolean).join(" "));
      };
      const soon = () => {
        if (timer && vigie.clock.motion === "play") return;
        clearTimeout(timer);
        timer = setTimeout(() => {
          timer = null;
          if (vigie.clock.at !== null) say();
        }, vigie.clock.motion === "play" ? SAID_PLAYING_MS : SAID_AFTER_MS);
      };
      const stops = [vigie.clock.subscribe(soon), vigie.past.subscribe((news) => news.all && soon())];
      return () => {
        clearTimeout(timer);
        stops.forEach((stop) => stop());
      };
    }, [props.language, props.zone]);
    return said;
  }

  vigie.telling = { useBegin, useTelling, useSaid };
})();
