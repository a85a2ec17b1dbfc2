// vigie.AttentionList: what needs somebody, causes first. A listbox: one stop for Tab, arrows go through the rows.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, age, number, instant, useSecond, classes } = vigie.draw;
  const PRIORITIES = ["1", "2", "3", "4"];
  const DAY_S = 86400;
  const AGAIN_MS = 5000;
  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 };

  function count(priority, n, words, language) {
    const label = words[`priority_${priority}`];
    return h("li", { key: priority, className: n ? "" : "none", title: label }, [
      h("span", { key: "sign" }, symbol("priority", priority, 18, label)),
      h("b", { key: "n" }, number(n, language)),
    ]);
  }

  // Rows of the past are of one instant, which may lag behind a hand that moves: ages and title keep to it.
  const nowOf = (props) => (props.mode === "past" ? (props.at === undefined ? null : props.at) : vigie.store("live").now());

  function titleOf(props, words) {
    const now = nowOf(props);
    const at = now === null ? "" : instant(now, props.language, props.zone, { hour: "2-digit", minute: "2-digit" });
    return vigie.draw.fill(words.title, { at });
  }

  function head(props, words) {
    const counts = props.counts || {};
    const rows = props.rows || [];
    const cut = props.total > rows.length;
    const shown = vigie.draw.fill(words.shown, { shown: rows.length, total: number(props.total || 0, props.language) });
    return h("div", { key: "head", className: "list-head" }, [
      h("h2", { key: "title" }, titleOf(props, words)),
      h("ul", { key: "counts", className: "list-counts" },
        PRIORITIES.map((priority) => count(priority, counts[priority] || 0, words, props.language))),
      h("span", { key: "order", className: "list-order" }, cut ? shown : words.order),
    ]);
  }

  function columns(words) {
    return h("div", { key: "columns", className: "list-columns", "aria-hidden": true }, [
      h("span", { key: "thing", className: "list-thing" }, words.thing),
      h("span", { key: "since", className: "list-since" }, words.since),
      h("span", { key: "cons", className: "list-cons" }, words.consequences),
    ]);
  }

  function when(row, props, now) {
    if (!row.since) return "–";
    const options = now !== null && now - row.since > DAY_S
      ? { day: "numeric", month: "short" }
      : { hour: "2-digit", minute: "2-digit" };
    return instant(row.since, props.language, props.zone, options);
  }

  function rowOf(row, at, props, list, now) {
    const words = props.labels;
    const chosen = row.asset === props.selected;
    return h("li", {
      key: row.asset,
      id: `${props.id}-${row.asset}`,
      role: "option",
      "aria-selected": chosen,
      className: classes("list-row", `priority-${row.priority}`, chosen && "chosen", row.asset === list.at && "at"),
      onClick: () => list.pick(row.asset),
      onDoubleClick: () => list.fly(row),
    }, [
      h("span", { key: "priority", className: "row-priority" }, symbol("priority", String(row.priority), 22, words[`priority_${row.priority}`])),
      h("span", { key: "glyph", className: "row-glyph" }, symbol("glyph", row.glyph, 18, row.kind)),
      h("span", { key: "what", className: "row-what" }, [
        h("b", { key: "name" }, row.name),
        row.where ? h("span", { key: "where", className: "row-where" }, ` ${row.where}`) : null,
      ]),
      h("span", { key: "time", className: "row-time" }, when(row, props, now)),
      h("span", { key: "cons", className: classes("row-cons", row.cons >= 10 && "many") }, row.cons ? number(row.cons, props.language) : "–"),
      h("span", { key: "fact", className: "row-fact" }, [
        symbol("status", row.status, 13, words.status[row.status]),
        h("span", { key: "text" }, row.fact),
      ]),
      h("span", { key: "age", className: "row-age" }, row.since && now !== null ? age(now - row.since, words.age) : ""),
    ]);
  }

  function notice(title, body, kind) {
    return h("div", { key: "notice", className: `state-card state-${kind}`, role: "status" }, [
      h("h3", { key: "title" }, title),
      body ? h("p", { key: "body" }, body) : null,
    ]);
  }

  function content(props, list, now) {
    const words = props.labels;
    if (props.state === "loading") return notice(words.loading, "", "loading");
    if (props.state === "away") return notice(words.away, words.away_body, "broken");
    if (props.state === "silent") return notice(words.silent, words.silent_body, "broken");
    if (!(props.rows || []).length) return notice(words.empty, words.empty_body, "empty");
    return h("ul", {
      key: "rows",
      className: "list-rows",
      role: "listbox",
      tabIndex: 0,
      "aria-label": words.name,
      "aria-activedescendant": list.at ? `${props.id}-${list.at}` : undefined,
      onKeyDown: list.key,
      ref: list.box,
    }, props.rows.map((row, at) => rowOf(row, at, props, list, now)));
  }

  // The row the keyboard is on is remembered by asset, so that a row that comes in above does not move it.
  function useList(props) {
    const { useState, useRef } = window.React;
    const [at, setAt] = useState(null);
    const box = useRef(null);
    const picks = useRef(0);
    const pick = (asset) => {
      setAt(asset);
      picks.current += 1;
      props.setProps({ picked: { asset, n: picks.current } });
    };
    const go = (step) => {
      const rows = props.rows;
      const from = rows.findIndex((row) => row.asset === (at || props.selected));
      const to = Math.min(rows.length - 1, Math.max(0, from + step));
      setAt(rows[to].asset);
      const element = document.getElementById(`${props.id}-${rows[to].asset}`);
      if (element) element.scrollIntoView({ block: "nearest" });
    };
    const key = (event) => {
      if (STEPS[event.key]) go(STEPS[event.key]);
      else if ((event.key === "Enter" || event.key === " ") && at) pick(at);
      else return;
      event.preventDefault();
    };
    const fly = (row) => vigie.room.fly(row.index);
    return { at, box, pick, key, fly };
  }

  // Nothing ticks in the past: what could not be read is asked for again from here.
  function useAgain(props) {
    window.React.useEffect(() => {
      if (props.mode !== "past" || props.state !== "away") return undefined;
      const timer = setTimeout(() => props.setProps({ again: (props.again || 0) + 1 }), AGAIN_MS);
      return () => clearTimeout(timer);
    }, [props.state, props.again]);
  }

  vigie.AttentionList = function AttentionList(props) {
    useSecond();
    useAgain(props);
    const list = useList(props);
    const now = nowOf(props);
    return h("section", { id: props.id, className: classes("attention", props.className), "data-at": props.at, "aria-label": titleOf(props, props.labels) }, [
      head(props, props.labels),
      columns(props.labels),
      content(props, list, now),
    ]);
  };
})();
