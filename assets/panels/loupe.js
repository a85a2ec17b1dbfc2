// vigie.Loupe: the selected asset and what it feeds, close by, while the map keeps the whole city. Drawn on a
// canvas from what the page already holds: columns, states and streets.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number, useStore } = vigie.draw;
  const HEIGHT = 270;
  const MARGIN = 26;
  // Half the width shown, in degrees of latitude: never closer than about 60 m, never farther than 700 m.
  const NEAREST = 0.0006;
  const FARTHEST = 0.0063;
  const SELECTED_PX = 23;
  const STREET_PX = { 1: 9, 2: 7, 3: 5 };

  // The window on the city: what it centres on, and how degrees become pixels.
  function frameOf(store, index, width) {
    const members = [index, ...store.children(index)];
    const shrink = Math.cos((store.lat[index] * Math.PI) / 180);
    const reach = members.reduce((most, i) => {
      const x = (Math.abs(store.lon[i] - store.lon[index]) * shrink * HEIGHT) / width;
      return Math.max(most, x, Math.abs(store.lat[i] - store.lat[index]));
    }, 0);
    const half = Math.min(FARTHEST, Math.max(NEAREST, reach));
    const perDegree = (HEIGHT / 2 - MARGIN) / half;
    const centre = [store.lon[index], store.lat[index]];
    return {
      width,
      place: (lon, lat) => [width / 2 + (lon - centre[0]) * shrink * perDegree, HEIGHT / 2 - (lat - centre[1]) * perDegree],
      holds: ([x, y]) => x > -12 && x < width + 12 && y > -12 && y < HEIGHT + 12,
    };
  }

  function lines(geometry) {
    return geometry.type === "LineString" ? [geometry.coordinates] : geometry.coordinates;
  }

  function streets(context, frame, base, colours) {
    context.lineCap = context.lineJoin = "round";
    for (const { geometry, properties } of base.features) {
      if (!geometry) continue;
      for (const line of lines(geometry)) {
        const points = line.map(([lon, lat]) => frame.place(lon, lat));
        if (!points.some((point) => Math.abs(point[0]) < 2000 && Math.abs(point[1]) < 2000)) continue;
        context.strokeStyle = properties.rank === 1 ? colours.avenue : colours.street;
        context.lineWidth = STREET_PX[properties.rank] || 5;
        context.beginPath();
        points.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
        context.stroke();
      }
    }
  }

  function feeders(context, frame, store, index, colours) {
    const from = frame.place(store.lon[index], store.lat[index]);
    for (const child of store.children(index)) {
      const down = vigie.codes.ABNORMAL[store.classes[child]];
      context.strokeStyle = down ? colours.fault : colours.ink3;
      context.globalAlpha = 0.45;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...frame.place(store.lon[child], store.lat[child]));
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  function stamp(context, group, name, size, [x, y], colours, self) {
    context.save();
    context.translate(x - size / 2, y - size / 2);
    context.scale(size / 24, size / 24);
    for (const shape of vigie.look.symbols[group][name]) vigie.images.trace(context, shape, colours, self);
    context.restore();
  }

  function dot(context, [x, y], radius, colour) {
    context.fillStyle = colour;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  }

  // Normal lamps are dots and other equipment its glyph; anything else its symbol, on a patch of land.
  function asset(context, store, index, at, colours, size = 17) {
    const name = vigie.codes.NAMES[store.classes[index]];
    const { glyph } = store.header.types[store.type[index]];
    const active = name === "active";
    if (name !== "active" && name !== "normal") {
      dot(context, at, name === "consequence" || name === "stale" ? 5 : 10, colours.land);
      stamp(context, "status", name, name === "consequence" || name === "stale" ? 20 : size, at, colours, colours.ink);
    } else if (glyph === "lamp") dot(context, at, 3, active ? colours.lampOn : colours.lamp);
    else stamp(context, "glyph", glyph, 15, at, colours, active ? colours.glyphOn : colours.glyph);
  }

  function assets(context, frame, store, selected, colours) {
    const order = [];
    for (let index = 0; index < store.count; index++) {
      if (index === selected) continue;
      const at = frame.place(store.lon[index], store.lat[index]);
      if (frame.holds(at)) order.push([vigie.codes.ABNORMAL[store.classes[index]], index, at]);
    }
    order.sort((a, b) => a[0] - b[0]);
    for (const [, index, at] of order) asset(context, store, index, at, colours);
  }

  function paint(canvas, store, index, base, theme) {
    const scale = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    canvas.width = width * scale;
    canvas.height = HEIGHT * scale;
    const context = canvas.getContext("2d");
    const colours = vigie.look.themes[theme];
    const frame = frameOf(store, index, width);
    context.scale(scale, scale);
    context.fillStyle = colours.land;
    context.fillRect(0, 0, width, HEIGHT);
    if (base) streets(context, frame, base, colours);
    feeders(context, frame, store, index, colours);
    assets(context, frame, store, index, colours);
    const centre = frame.place(store.lon[index], store.lat[index]);
    asset(context, store, index, centre, colours, SELECTED_PX);
    stamp(context, "mark", "selection", 46, centre, colours, colours.ink);
  }

  // Streets are those of the map, already fetched; without them the loupe still shows the rest.
  function useStreets(store) {
    const { useEffect, useState } = window.React;
    const [base, setBase] = useState(null);
    useEffect(() => {
      if (!store.ready) return undefined;
      let gone = false;
      vigie.baseLayer("streets", store.version).then(
        (data) => gone || setBase(data),
        (error) => console.warn("vigie: no streets in the loupe:", error.message)
      );
      return () => (gone = true);
    }, [store.ready, store.version]);
    return base;
  }

  // Of the past it says when, as every panel does.
  const asOf = (store, language, zone) => store.mode === "past" && store.now() !== null && vigie.draw.timeOfDay(store.now(), language, zone);

  function heading(store, index, { labels, language, title, zone }) {
    const words = labels.loupe;
    const name = store.names.get(index) || labels.types[store.typeName(index)];
    const count = store.children(index).length;
    const rest = count === 0 ? "" : count === 1 ? ` ${words.children_one}` : ` ${fill(words.children, { count: number(count, language) })}`;
    return h("div", { className: "loupe-head" }, [
      h("span", { key: "title", className: "loupe-title" }, [h("b", { key: "b" }, title || words.title), ` · ${name}${rest}`]),
      h("span", { key: "follows", className: "loupe-follows" }, asOf(store, language, zone) || words.follows),
    ]);
  }

  vigie.Loupe = function Loupe(props) {
    const { useEffect, useRef } = window.React;
    const store = useStore(props.mode, (news) => news.changed.length || news.all || news.geometry || news.names || news.moved, 300);
    const theme = vigie.useTheme(props.theme);
    const canvas = useRef(null);
    const base = useStreets(store);
    const index = props.selected;
    const shown = index !== null && index !== undefined && store.ready && index < store.count && store.fleet.isPlaced(index);
    useEffect(() => {
      if (shown && canvas.current && canvas.current.clientWidth) paint(canvas.current, store, index, base, theme);
    });
    if (!shown) return null;
    return h("figure", { id: props.id, className: `loupe ${props.className || ""}` }, [
      h(window.React.Fragment, { key: "head" }, heading(store, index, props)),
      h("canvas", { key: "canvas", ref: canvas, "aria-hidden": true }),
    ]);
  };
})();
