// vigie.DifferenceLegend: the signs of the difference with their counts. vigie.ChangedList: what changed, worst first.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number, instant, symbol, useStore, classes } = vigie.draw;
  const ORDER = ["new_fault", "recovered", "dark", "degraded", "already", "comms_lost", "maintenance", "came_and_went"];
  const DAY_S = 86400;
  const NARROW_PX = 700;

  const clockOf = (seconds, props) => instant(seconds, props.language, props.zone, { hour: "2-digit", minute: "2-digit" });

  // A → B in few words; the day too where it is not the same one.
  function stretch(props) {
    const { a, b } = vigie.clock;
    const day = (at) => instant(at, props.language, props.zone, { day: "numeric", month: "short" });
    const apart = day(a) !== day(b);
    const say = (at) => (apart ? `${day(at)} ${clockOf(at, props)}` : clockOf(at, props));
    return { a: say(a), b: say(b) };
  }

  // "A 21:15 → B 21:42: 10 new faults, 6 recovered…"; through the filters, like every count of the page.
  vigie.differenceSentence = function (props) {
    const words = props.labels.difference;
    const found = vigie.difference;
    if (found.state === "none") return "";
    if (found.state !== "ready") return words[found.state];
    const counted = found.counts();
    const parts = found.TOLD.filter((name) => counted[name]).map((name) =>
      fill(words[`${name}_${counted[name] === 1 ? "1" : "n"}`], { n: number(counted[name], props.language) })
    );
    const what = parts.join(", ") || words.none;
    return fill(words.sentence, { ...stretch(props), what });
  };

  function legendRow(name, count, words, language) {
    const on = !vigie.difference.hidden.has(name);
    return h("button", {
      key: name, type: "button", className: classes("legend-row", !on && "off", !count && "none"), "aria-pressed": on,
      "data-change": name, onClick: () => vigie.difference.toggle(name),
    }, [
      h("span", { key: "symbol", className: "legend-symbol" }, symbol("change", name, 20)),
      h("span", { key: "label", className: "legend-label" }, words[name]),
      h("span", { key: "count", className: "legend-count" }, number(count, language)),
    ]);
  }

  vigie.DifferenceLegend = function DifferenceLegend(props) {
    vigie.useClock((news) => "at" in news || "a" in news || "b" in news || "motion" in news);
    useStore("past", (news) => news.filters || news.all || news.difference);
    const found = vigie.useDifference();
    const shown = vigie.clock.differs && found.state === "ready";
    const words = props.labels.difference;
    const counted = shown ? found.counts() : null;
    // On a phone it would cover the map it explains.
    const [open, setOpen] = window.React.useState(window.innerWidth > NARROW_PX);
    return h("section", { id: props.id, className: classes("legend", "difference-legend", !shown && "away", !open && "folded"), "aria-label": words.title }, shown && [
      h("div", { key: "head", className: "legend-head" },
        h("button", { type: "button", className: "legend-fold", "aria-expanded": open, onClick: () => setOpen(!open) }, open ? words.title : words.unfold)),
      open && h("div", { key: "rows", className: "legend-group" }, ORDER.map((name) => legendRow(name, counted[name], words, props.language))),
      open && h("div", { key: "rest", className: "legend-group" }, h("div", { className: "legend-row still" }, [
        h("span", { key: "symbol", className: "legend-symbol" }, symbol("change", "unchanged", 20)),
        h("span", { key: "label", className: "legend-label" }, words.unchanged),
        h("span", { key: "count", className: "legend-count" }, number(counted.unchanged, props.language)),
      ])),
    ]);
  };

  // --- what changed ------------------------------------------------------------------------------------------

  function changedRow(row, props, list) {
    const words = props.labels;
    const from = words.status[row.from] || row.from;
    const to = words.status[row.to] || row.to;
    const days = vigie.clock.b - vigie.clock.a > DAY_S;
    const when = typeof row.at === "number" ? row.at : Date.parse(row.at) / 1000;
    return h("li", {
      key: row.external_id, id: `${props.id}-${row.external_id}`, role: "option", "data-kind": row.kind,
      "aria-selected": row.external_id === props.selected,
      className: classes("changed-row", row.external_id === props.selected && "chosen", row.external_id === list.at && "at"),
      onClick: () => list.pick(row.external_id),
      onDoubleClick: () => vigie.room.fly(row.index),
    }, [
      h("span", { key: "sign", className: "changed-sign" }, symbol("change", row.kind, 18, words.difference[row.kind])),
      h("span", { key: "what", className: "row-what" }, [h("b", { key: "name" }, row.name), row.area ? h("span", { key: "area", className: "row-where" }, ` ${row.area}`) : null]),
      h("span", { key: "how", className: "changed-how" }, fill(words.difference.from_to, { from, to })),
      h("time", { key: "at", className: "changed-at" }, row.at ? (days ? instant(when, props.language, props.zone, { day: "numeric", month: "short" }) : clockOf(when, props)) : "–"),
    ]);
  }

  const NUMBERED = (kind) => (typeof kind === "number" ? vigie.difference.NAMES[kind] : kind);

  function rowsOf(answer, store) {
    const hidden = store.ready ? store.hider() : () => false;
    const known = answer.version === store.version;
    return answer.rows
      .map((row) => ({ ...row, kind: NUMBERED(row.kind) }))
      .filter((row) => !known || !hidden(row.index))
      .filter((row) => !vigie.difference.hidden.has(row.kind));
  }

  function useList(props, rows) {
    const { useRef, useState } = window.React;
    const [at, setAt] = useState(null);
    const picks = useRef(0);
    const pick = (asset) => {
      setAt(asset);
      picks.current += 1;
      props.setProps({ picked: { asset, n: picks.current } });
    };
    const key = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e6, End: 1e6 }[event.key];
      if (step) {
        const from = rows.findIndex((row) => row.external_id === (at || props.selected));
        const to = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
        setAt(to.external_id);
        const element = document.getElementById(`${props.id}-${to.external_id}`);
        if (element) element.scrollIntoView({ block: "nearest" });
      } else if ((event.key === "Enter" || event.key === " ") && at) pick(at);
      else return;
      event.preventDefault();
    };
    return { at, pick, key };
  }

  function content(props, found, rows, list) {
    const words = props.labels.difference;
    if (found.state !== "ready") return h("p", { key: "said", className: "changed-said", role: "status" }, words[found.state]);
    if (!rows.length) return h("p", { key: "said", className: "changed-said", role: "status" }, words.none);
    return [
      h("ul", { key: "rows", role: "listbox", tabIndex: 0, className: "list-rows", "aria-label": words.changed_name, "aria-activedescendant": list.at ? `${props.id}-${list.at}` : undefined, onKeyDown: list.key },
        rows.map((row) => changedRow(row, props, list))),
      found.answer.more > 0 && h("p", { key: "more", className: "changed-said" }, fill(words.more, { n: number(found.answer.more, props.language) })),
    ];
  }

  vigie.ChangedList = function ChangedList(props) {
    vigie.useClock((news) => "a" in news || "b" in news);
    const store = useStore("past", (news) => news.filters || news.geometry);
    const found = vigie.useDifference();
    const rows = found.answer ? rowsOf(found.answer, store) : [];
    const list = useList(props, rows);
    const shown = found.state !== "none";
    const { a, b } = shown && vigie.clock.a !== null && vigie.clock.b !== null ? stretch(props) : { a: "", b: "" };
    return h("section", { id: props.id, className: classes("changed", !shown && "away"), "aria-label": props.labels.difference.changed }, shown && [
      h("div", { key: "head", className: "list-head" }, [h("h2", { key: "title" }, props.labels.difference.changed), h("span", { key: "when", className: "changed-when" }, `${a} → ${b}`)]),
      content(props, found, rows, list),
    ]);
  };
})();
