// vigie.CityMap: the Dash component around MapView. Its box, its tools, its tooltip and what it says when there is
// nothing to show; properties are listed in layouts/components.py.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, fill, useStore, useSecond } = vigie.draw;
  const FILTERS = ["domains", "statuses", "area"];
  const TIP_PX = 260;
  // So many at once may be the whole city falling silent.
  const MANY = 200;

  const pageTheme = () => document.documentElement.dataset.theme || "dark";

  function hasGl() {
    return Boolean(document.createElement("canvas").getContext("webgl2"));
  }

  // The page's theme is an attribute of <html>; a map of the past is never in live colours.
  function useTheme(wanted) {
    const { useState, useEffect } = window.React;
    const [page, setPage] = useState(pageTheme());
    useEffect(() => {
      const watcher = new MutationObserver(() => setPage(pageTheme()));
      watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
      // A page may have put on its own colours between the first drawing and now.
      setPage(pageTheme());
      return () => watcher.disconnect();
    }, []);
    return wanted === "past" && !page.startsWith("past") ? "past" : page;
  }

  // What the map tells callbacks; counters rise so that the same asset clicked twice is two clicks.
  function reporter(store, own, setTip) {
    const report = (props) => own.current.setProps && own.current.setProps(props);
    const rise = (name) => (own.current[name] = (own.current[name] || 0) + 1);
    const select = (index) => {
      own.current.view.select(index);
      report({ selected: index });
    };
    return {
      click(index) {
        if (index === null) return;
        select(index);
        report({ clicked: { index, version: store.version, n: rise("clicks") } });
      },
      hover: (index) => report({ hovered: { index, n: rise("hovers") } }),
      move: (viewport) => report({ viewport }),
      clear: () => select(null),
      tip: setTip,
    };
  }

  // The past has a name of its own.
  function wordsOf({ labels, mode }) {
    return mode === "past" ? { ...labels.map, name: labels.map.name_past } : labels.map;
  }

  // Make the view once, and take it away with the component.
  function useView(props, store, theme, own, setTip, setFault) {
    window.React.useEffect(() => {
      if (!hasGl()) return setFault("no_gl");
      const options = { theme, labels: wordsOf(props), bounds: props.bounds, part: props.part, tiles: props.tiles, help: `${props.id}-help` };
      const view = new vigie.MapView(own.current.box, store, options, reporter(store, own, setTip));
      own.current.view = view;
      if (props.id) vigie.maps.set(props.id, view);
      view.select(props.selected);
      own.current.open = () => {
        setFault(null);
        view.open().catch((error) => {
          console.error("vigie: the map could not be made:", error);
          setFault("broken");
        });
      };
      own.current.open();
      return () => {
        if (vigie.maps.get(props.id) === view) vigie.maps.delete(props.id);
        view.close();
      };
    }, []);
  }

  // Properties that callbacks set, carried to the store and the view as they change.
  function useOrders(props, store, theme, own) {
    const { useEffect } = window.React;
    const given = (name) => JSON.stringify(props[name] === undefined ? null : props[name]);
    for (const name of FILTERS) {
      useEffect(() => {
        if (props[name] !== undefined || name === "area") store.filter(name, props[name]);
      }, [given(name)]);
    }
    useEffect(() => {
      if (own.current.view) own.current.view.setTheme(theme);
    }, [theme]);
    useEffect(() => {
      if (own.current.view) own.current.view.setLabels(wordsOf(props));
    }, [props.language]);
    useEffect(() => {
      if (own.current.view) own.current.view.select(props.selected);
    }, [props.selected]);
    useEffect(() => {
      if (props.mode === "past" && props.at) store.show(props.at);
    }, [props.at]);
    // Names that came before the layout they belong to are given once it is there.
    useEffect(() => {
      if (props.names && store.ready) store.name(props.names);
    }, [given("names"), store.version]);
    useEffect(() => obey(props.command, own.current.view), [props.command ? props.command.n : null]);
  }

  function obey(command, view) {
    if (!command || !view) return;
    if (command.fly) view.fly(command.fly);
    if (command.fit) view.fit(command.fit);
  }

  function tools(words, own) {
    const button = (name, icon, act) =>
      h("button", { key: name, type: "button", className: "map-tool", title: words[name], "aria-label": words[name], onClick: act }, symbol("icon", icon, 18));
    return h("div", { key: "tools", className: "map-tools", role: "group", "aria-label": words.tools }, [
      button("zoom_in", "plus", () => own.current.view.zoom(1)),
      button("zoom_out", "minus", () => own.current.view.zoom(-1)),
      button("fit", "fit", () => own.current.view.fit()),
    ]);
  }

  const onLine = ({ line }, words) => (line ? ` · ${fill(words.line, { line })}` : "");

  // How fast a vehicle goes, and how old that is.
  function underWay({ speed, last }, store, labels) {
    const age = vigie.draw.age(store.now() - last.t, labels.age);
    const seen = fill(labels.map.seen, { age });
    return speed === null ? seen : `${fill(labels.map.speed, { speed: Math.round(speed) })} · ${seen}`;
  }

  function tooltip(tip, store, labels) {
    if (!tip || tip.index >= store.count) return null;
    const { index, x, y } = tip;
    const status = vigie.codes.NAMES[store.classes[index]];
    const type = labels.types[store.typeName(index)] || store.typeName(index);
    const area = store.areaOf(index);
    const vehicle = store.fleet.get(index);
    const old = vigie.codes.isStale(store.codes[index]) ? ` · ${labels.map.stale}` : "";
    const side = x > tip.width - TIP_PX ? "left" : "right";
    return h("div", { key: "tip", className: `map-tip ${side}`, style: { transform: `translate(${x}px, ${y}px)` }, "aria-hidden": true }, [
      h("div", { key: "box", className: "map-tip-box" }, [
        h("div", { key: "who", className: "map-tip-who" }, [
          symbol("status", status, 16),
          h("strong", { key: "name" }, (store.names.get(index) || type) + (vehicle ? onLine(vehicle, labels.map) : "")),
        ]),
        h("div", { key: "what", className: "map-tip-what" }, `${labels.status[status]}${old} · ${area ? area.name : labels.map.outside}`),
        vehicle && h("div", { key: "how", className: "map-tip-what" }, underWay(vehicle, store, labels)),
      ]),
    ]);
  }

  // Why there is no map to see, if so: loading, broken, empty, or a browser that cannot.
  function stateOf(store, fault) {
    if (fault) return fault;
    // An older picture may not stand in for an instant that could not be read, nor for one nothing is known of.
    if (store.mode === "past" && store.link.state === "broken") return "broken_past";
    if (store.mode === "past" && store.ready && store.count && store.codes.every((code) => !(code & 7))) return "unknown_past";
    const waiting = ["cut", "out", "none", "broken"].includes(store.link.state);
    if (!store.ready) return waiting ? "broken" : "loading";
    return store.count === 0 ? "empty" : null;
  }

  function Notice({ state, store, words, retry }) {
    useSecond();
    const left = store.link.retryAt ? Math.max(0, Math.ceil((store.link.retryAt - performance.now()) / 1000)) : 0;
    return h("div", { className: `map-state map-state-${state}`, role: "status" }, [
      h("h3", { key: "title" }, words[state]),
      h("p", { key: "detail" }, fill(words[`${state}_detail`], { seconds: left })),
      state === "loading" && h("div", { key: "bar", className: "bar-loading" }),
      state.startsWith("broken") && h("button", { key: "retry", type: "button", className: "button", onClick: retry }, words.retry),
    ]);
  }

  // The instant asked for is on its way, and what is drawn is of another.
  function reading(store, words) {
    if (store.mode !== "past" || store.link.state !== "loading") return null;
    return h("p", { key: "reading", className: "map-reading", role: "status" }, words.reading_past);
  }

  function CityMap(props) {
    const { useRef, useState } = window.React;
    const store = useStore(props.mode, (news) => news.geometry || news.link || news.all || (props.mode === "past" && news.changed.length > MANY));
    const theme = useTheme(props.theme);
    const own = useRef({});
    const [tip, setTip] = useState(null);
    const [fault, setFault] = useState(null);
    own.current.setProps = props.setProps;
    useView(props, store, theme, own, setTip, setFault);
    useOrders(props, store, theme, own);
    const words = wordsOf(props);
    const state = stateOf(store, fault);
    return h(
      "section",
      { id: props.id, className: `city-map ${props.className || ""}`, "aria-label": words.name, "data-theme-drawn": theme },
      [
        h("div", { key: "box", className: "map-box", ref: (box) => (own.current.box = box) }),
        h("p", { key: "help", className: "unseen", id: `${props.id}-help` }, words.help),
        state !== "no_gl" && tools(words, own),
        props.attribution && h("div", { key: "from", className: "map-attribution" }, props.attribution),
        !state && tooltip(tip && { ...tip, width: own.current.box.clientWidth }, store, props.labels),
        !state && reading(store, words),
        state && h(Notice, { key: "state", state, store, words, retry: fault ? own.current.open : store.retry }),
      ]
    );
  }

  vigie.CityMap = CityMap;
  vigie.useTheme = useTheme;
})();
