// GeoJSON for the map, made from the columns: what has a glyph, what is abnormal, the selection, the areas' names.
// Every asset is also a point, which needs none of this (points.js).
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { CLASS, NAMES } = vigie.codes;
  // Beyond this many, circles alone carry what is abnormal: symbols would hide one another and cost a frame.
  const MOST = 2000;
  const LABELS = 40;
  // Of alarms that wait so many have a symbol: in a flood the rest are points, as all else is.
  const WAITING = 400;
  // More than so many that were never heard of are no finding, they are a city without feeds: dots, not symbols.
  const UNKNOWN_CROWD = 500;

  // Drawn above one another in this order: the worst last.
  const RANK = {
    unknown: 0, out_of_service: 1, maintenance: 2, consequence: 3, handled: 3, comms_lost: 4, degraded: 5, fault: 6,
    recovered: 7,
  };
  const CHANGE_RANK = {
    already: 0, dark: 1, maintenance: 2, came_and_went: 3, recovered: 4, comms_lost: 5, degraded: 6, new_fault: 7,
  };
  const SHOWN = Uint8Array.from(NAMES, (name) => (name in RANK ? 1 : 0));
  // Planned or already explained: small on the map whatever it is.
  const QUIET = new Set([CLASS.unknown, CLASS.out_of_service, CLASS.maintenance, CLASS.handled]);

  const point = (store, index, properties) => ({
    type: "Feature",
    id: index,
    properties,
    geometry: { type: "Point", coordinates: [store.lon[index], store.lat[index]] },
  });

  const collection = (features) => ({ type: "FeatureCollection", features });

  // Lamps, of which there are many and all alike, are points at every scale; all else has a glyph as well.
  function isLamp(store) {
    const lamps = store.header.types.map((type) => type.glyph === "lamp");
    return Array.from({ length: store.count }, (_, index) => lamps[store.type[index]]);
  }

  function equipment(store, lamp, hidden) {
    const glyphs = store.header.types.map((type) => type.glyph);
    const features = [];
    for (let index = 0; index < store.count; index++) {
      if (lamp[index] || store.fleet.isMoving(index)) continue;
      const k = hidden(index) ? -1 : store.classes[index];
      features.push(point(store, index, { k, glyph: glyphs[store.type[index]] }));
    }
    return collection(features);
  }

  // How quickly it wants an answer: as its alarm says, else as its type does.
  function urgencyOf(store, index) {
    const mark = store.marks.get(index);
    return mark && mark.as !== "consequence" ? mark.priority : store.priority(index);
  }

  const waits = (store, index) => (store.marks.get(index) || {}).as === "cause";

  // Worst first: what waits for an answer, rank, then how quickly it wants one.
  function severity(store, index) {
    return (waits(store, index) ? 64 : 0) + (RANK[NAMES[store.classes[index]]] || 0) * 8 + (4 - urgencyOf(store, index));
  }

  function withoutCrowd(store, found) {
    const heard = found.filter((index) => store.classes[index] !== CLASS.unknown);
    return found.length - heard.length > UNKNOWN_CROWD ? heard : found;
  }

  function worst(store, hidden) {
    const found = [];
    for (let index = 0; index < store.count; index++) {
      const shown = SHOWN[store.classes[index]] || waits(store, index);
      if (shown && !hidden(index) && !store.fleet.isMoving(index)) found.push(index);
    }
    const told = withoutCrowd(store, found);
    const most = store.marks.size > WAITING ? WAITING : MOST;
    if (told.length <= most) return told;
    return told.sort((a, b) => severity(store, b) - severity(store, a)).slice(0, most);
  }

  // One asset that stands for many, or whose failure is urgent, is large; a lone lamp is not. Where the alarms tell,
  // only what waits for an answer is: what somebody has in hand is small again.
  function isMajor(store, index, consequences) {
    if (store.marks.size) return waits(store, index) && (urgencyOf(store, index) <= 3 || consequences > 0);
    return !QUIET.has(store.classes[index]) && (store.priority(index) <= 3 || consequences > 0);
  }

  function sizeOf(store, index) {
    return store.classes[index] === CLASS.fault && urgencyOf(store, index) > 1 ? 0.85 : 1;
  }

  function consequencesOf(store, index) {
    const mark = store.marks.get(index);
    if (mark && mark.as !== "consequence") return mark.consequences;
    const cause = store.classes[index] === CLASS.fault || store.classes[index] === CLASS.comms_lost;
    if (!cause) return 0;
    return store.children(index).filter((child) => store.classes[child] === CLASS.consequence).length;
  }

  // Names only for a fault or a lost link that is urgent or has taken others with it.
  function labelOf(store, index, consequences) {
    const urgent = urgencyOf(store, index) === 1 && (store.classes[index] === CLASS.fault || waits(store, index));
    if (!urgent && consequences < 2) return "";
    const name = store.names.get(index);
    if (!name) return "";
    return consequences ? `${name} · ${consequences}` : name;
  }

  // What is wrong by its state has the state's sign; an alarm of something that works as it should has its own.
  function signOf(store, index) {
    const name = NAMES[store.classes[index]];
    return RANK[name] === undefined ? `priority-${urgencyOf(store, index)}` : name;
  }

  function marked(store, index) {
    const name = signOf(store, index);
    if (name === "consequence") return point(store, index, { s: name, rank: RANK[name], major: 0, label: "" });
    const consequences = consequencesOf(store, index);
    const major = isMajor(store, index, consequences);
    return point(store, index, {
      s: name,
      major: major ? 1 : 0,
      rank: severity(store, index) + Math.min(consequences, 999) / 1000,
      size: sizeOf(store, index),
      label: major ? labelOf(store, index, consequences) : "",
    });
  }

  function fewLabels(features) {
    const labelled = features.filter((feature) => feature.properties.label);
    labelled.sort((a, b) => b.properties.rank - a.properties.rank);
    for (const feature of labelled.slice(LABELS)) feature.properties.label = "";
  }

  // A change of the difference A → B as the map marks it; what did not change has its point only.
  function change(store, index, name) {
    const consequences = consequencesOf(store, index);
    const quiet = name === "already" || name === "maintenance" || name === "dark";
    const major = !quiet && (store.priority(index) <= 3 || consequences > 0);
    const label = major && name === "new_fault" ? labelOf(store, index, consequences) : "";
    const rank = CHANGE_RANK[name] * 8 + (4 - store.priority(index)) + Math.min(consequences, 999) / 1000;
    const size = name === "new_fault" && store.priority(index) > 1 ? 0.85 : 1;
    const sign = name === "dark" ? "consequence" : name === "already" ? "fault" : `change-${name}`;
    return point(store, index, { s: sign, major: major ? 1 : 0, rank, size, label });
  }

  function changes(store, hidden) {
    const { kinds, names, hidden: off } = store.difference;
    const found = [];
    for (let index = 0; index < store.count; index++) {
      const name = names[kinds[index]];
      if (kinds[index] && !off.has(name) && !hidden(index) && !store.fleet.isMoving(index)) found.push([index, name]);
    }
    const worstFirst = (a, b) => CHANGE_RANK[b[1]] - CHANGE_RANK[a[1]] || store.priority(a[0]) - store.priority(b[0]);
    const told = found.length > MOST ? found.sort(worstFirst).slice(0, MOST) : found;
    const features = told.map(([index, name]) => change(store, index, name));
    fewLabels(features);
    return collection(features);
  }

  function abnormal(store, hidden) {
    if (store.difference && store.difference.kinds.length === store.count) return changes(store, hidden);
    const features = worst(store, hidden).map((index) => marked(store, index));
    fewLabels(features);
    for (const index of store.recovered.keys()) {
      if (hidden(index) || store.fleet.isMoving(index)) continue;
      features.push(point(store, index, { s: "recovered", major: 1, rank: 64, size: 1, label: "" }));
    }
    return collection(features);
  }

  // Around what moves the frame moves with it (vehicles.js).
  function selection(store, index) {
    return collection(index === null || store.fleet.isMoving(index) ? [] : [point(store, index, {})]);
  }

  // Lines from an asset to what it feeds, or to what feeds it.
  function links(store, index) {
    if (index === null || store.fleet.isMoving(index)) return collection([]);
    const at = (i) => [store.lon[i], store.lat[i]];
    const line = (from, to, asset) => ({
      type: "Feature",
      properties: { down: vigie.codes.ABNORMAL[store.classes[asset]] },
      geometry: { type: "LineString", coordinates: [at(from), at(to)] },
    });
    const up = store.parent[index] >= 0 ? [line(store.parent[index], index, index)] : [];
    return collection([...up, ...store.children(index).map((child) => line(index, child, child))]);
  }

  // Where areas are named: their label points.
  // A name that would stand for the whole map says nothing: the métropole's, or that of a lone commune.
  function areaNames(areas) {
    const alone = areas.features.filter(({ properties }) => properties.kind === "commune").length === 1;
    const whole = alone && areas.features.length > 1 ? ["metropolis", "commune"] : ["metropolis"];
    return collection(
      areas.features
        .filter(({ properties }) => properties.lon !== undefined && !whole.includes(properties.kind))
        .map(({ properties }) => ({
          type: "Feature",
          properties: { name: properties.name },
          geometry: { type: "Point", coordinates: [properties.lon, properties.lat] },
        }))
    );
  }

  vigie.features = { equipment, isLamp, abnormal, selection, links, areaNames, consequencesOf, MOST };
})();
