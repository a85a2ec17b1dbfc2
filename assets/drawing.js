// What the panels draw with: React without a toolchain, symbols, numbers, ages, and a hook on a store.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const h = (...parts) => window.React.createElement(...parts);
  const MINUTE = 60;
  const HOUR = 3600;
  const DAY = 86400;

  // {name} in a template of the catalogues.
  function fill(template, values) {
    return String(template || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
  }

  const formats = new Map();
  function format(kind, language, options, make) {
    const key = `${kind} ${language} ${JSON.stringify(options)}`;
    if (!formats.has(key)) formats.set(key, make());
    return formats.get(key);
  }

  // 24 h, day first: the English catalogue is British.
  const locale = (language) => (language === "en" ? "en-GB" : "fr-FR");

  function number(value, language) {
    return format("number", language, {}, () => new Intl.NumberFormat(locale(language))).format(value);
  }

  function instant(seconds, language, zone, options) {
    const made = () => new Intl.DateTimeFormat(locale(language), { timeZone: zone || "Europe/Paris", ...options });
    return format("time", language, { zone, ...options }, made).format(new Date(seconds * 1000));
  }

  function timeOfDay(seconds, language, zone) {
    return instant(seconds, language, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }

  const two = (value) => String(value).padStart(2, "0");

  // 4 s, 11 min, 1 h 34, 3 j; with `fine` also 4 min 05 s. A second that has begun counts: no age looks younger.
  function age(seconds, words, fine) {
    if (seconds === null || seconds === undefined) return words.never;
    const whole = Math.max(0, Math.ceil(seconds));
    const minutes = Math.floor(whole / MINUTE);
    if (whole < MINUTE) return fill(words.seconds, { s: whole });
    if (whole < HOUR && fine) return fill(words.minutes_seconds, { m: minutes, s: two(whole % MINUTE) });
    if (whole < HOUR) return fill(words.minutes, { m: minutes });
    if (whole < DAY) return fill(words.hours, { h: Math.floor(whole / HOUR), m: two(minutes % 60) });
    return fill(words.days, { d: Math.floor(whole / DAY) });
  }

  function paint(token) {
    return token === "self" ? "currentColor" : `var(--${token})`;
  }

  function shape(part, key) {
    if (part.text) {
      const style = { fill: paint(part.fill), fontSize: `${part.size}px` };
      return h("text", { key, x: 12, y: part.y, dy: "0.345em", textAnchor: "middle", className: "symbol-letter", style }, part.text);
    }
    const style = { fill: part.fill ? paint(part.fill) : "none" };
    if (part.stroke) Object.assign(style, { stroke: paint(part.stroke), strokeWidth: part.width });
    if (part.dash) style.strokeDasharray = part.dash.join(" ");
    return h("path", { key, d: part.d, style });
  }

  // A symbol of look.js; decoration unless it has a title.
  function symbol(group, name, size = 20, title) {
    const shapes = (vigie.look.symbols[group] || {})[name] || [];
    const spoken = title ? { role: "img", "aria-label": title } : { "aria-hidden": true };
    return h(
      "svg",
      { className: "symbol", viewBox: "0 0 24 24", width: size, height: size, focusable: false, ...spoken },
      shapes.map(shape)
    );
  }

  // Draw again when the store's news concern us, at most every `every` ms; returns the store.
  function useStore(mode, concerns, every = 200) {
    const store = vigie.store(mode);
    const [, redraw] = window.React.useReducer((n) => n + 1, 0);
    window.React.useEffect(() => {
      let timer = null;
      const stop = store.subscribe((news) => {
        if (timer || !concerns(news)) return;
        timer = setTimeout(() => {
          timer = null;
          redraw();
        }, every);
      });
      store.start();
      redraw();
      return () => {
        clearTimeout(timer);
        stop();
      };
    }, [store]);
    return store;
  }

  // One timer for everything that counts seconds; `useSecond` draws the caller again on each. A little under a
  // second, so that what stands on the screen is never more than one behind.
  const ticking = new Set();
  setInterval(() => ticking.forEach((redraw) => redraw()), 900);
  function useSecond() {
    const [, redraw] = window.React.useReducer((n) => n + 1, 0);
    window.React.useEffect(() => {
      ticking.add(redraw);
      return () => ticking.delete(redraw);
    }, []);
  }

  const classes = (...names) => names.filter(Boolean).join(" ");

  Object.assign(vigie, { draw: { h, fill, number, instant, timeOfDay, age, symbol, useStore, useSecond, classes, locale } });
})();
