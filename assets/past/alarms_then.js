// vigie.AlarmsThen: the alarm list as it was at an instant. To be read only: what had to be acknowledged then, by
// whom it was, what came to be known later; below it what ended between A and B. One listbox over all of it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, symbol, age, number, instant, classes } = vigie.draw;
  const PRIORITIES = ["1", "2", "3", "4"];
  const DAY_S = 86400;
  const AGAIN_MS = 5000;
  const MANY = 10;
  const TITLE_PX = 34;
  const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -1e6, End: 1e6 };

  const clockOf = (t, props) => instant(t, props.language, props.zone, { hour: "2-digit", minute: "2-digit" });
  const initials = (name) => name.split(/\s+/).filter(Boolean).map((part) => `${part[0]}.`).join("");

  function whenOf(t, at, props) {
    const far = Math.abs(at - t) > DAY_S;
    return instant(t, props.language, props.zone, far ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" });
  }

  // --- the head --------------------------------------------------------------------------------------------------

  function counted(priority, found, props) {
    const n = found.by_priority[priority] || 0;
    const words = props.labels.then;
    const label = words[`priority_${priority}`];
    return h("li", { key: priority, className: n ? "" : "none", title: label }, [
      h("span", { key: "sign" }, symbol("priority", priority, 18, label)), h("b", { key: "n" }, number(n, props.language)),
    ]);
  }

  function floodLine(found, props) {
    const words = props.labels.then;
    const { flood } = found;
    const values = { count: number(flood.count, props.language), threshold: flood.threshold, since: flood.since ? clockOf(flood.since, props) : "" };
    if (!flood.on) return fill(flood.count === 1 ? words.load_one : words.load, values);
    return [h("b", { key: "word", className: "then-flood" }, words.flood), fill(words.flood_body, values)];
  }

  function head(props, found) {
    const words = props.labels.then;
    const at = props.at === undefined || props.at === null ? "" : clockOf(props.at, props);
    const cut = found && found.total > found.rows.length;
    return h("div", { key: "head", className: "then-head" }, [
      h("div", { key: "first", className: "list-head" }, [
        h("h2", { key: "title" }, fill(words.title, { at })),
        found && h("ul", { key: "counts", className: "list-counts" }, PRIORITIES.map((priority) => counted(priority, found, props))),
        h("span", { key: "only", className: "list-order", title: words.read_only_why }, words.read_only),
      ]),
      found && h("p", { key: "load", className: "then-load" }, [
        h("span", { key: "flood" }, floodLine(found, props)),
        found.hidden > 0 && h("span", { key: "hidden" }, fill(words.hidden, { count: number(found.hidden, props.language) })),
        h("span", { key: "order", className: "then-order" }, cut ? fill(words.shown, { shown: found.rows.length, total: number(found.total, props.language) }) : words.order),
      ]),
      found && !found.was_watched && h("p", { key: "unwatched", className: "then-unwatched", role: "status" },
        [symbol("freshness", "stale", 16), found.watched === null ? words.never_watched : fill(words.not_watched, { time: whenOf(found.watched, props.at, props) })]),
    ]);
  }

  // --- rows ------------------------------------------------------------------------------------------------------

  // What had been done about it by then; who, as initials, with the whole name for who asks.
  function followUp(row, words) {
    const parts = [];
    let urgent = false;
    if (row.acknowledged) parts.push([fill(words.acknowledged, { who: initials(row.acknowledged_by) }), fill(words.acknowledged, { who: row.acknowledged_by })]);
    else {
      urgent = true;
      parts.push(row.returned ? [words.over] : [words.to_acknowledge]);
    }
    if (row.escalation && !row.acknowledged) parts.push([words.escalated]);
    if (row.assigned_to) parts.push([fill(words.assigned, { who: initials(row.assigned_to) }), fill(words.assigned, { who: row.assigned_to })]);
    const shown = parts.map(([short]) => short);
    return h("span", { key: "follow", className: classes("then-follow", urgent && "urgent"), title: parts.map(([short, long]) => long || short).join(", ") }, [
      h("span", { key: "first" }, shown[0]), shown.length > 1 && h("span", { key: "more", className: "then-more" }, shown.slice(1).join(" · ")),
    ]);
  }

  function what(row) {
    const where = [row.street, row.area].filter(Boolean).join(" · ");
    return h("span", { key: "what", className: "row-what" }, [h("b", { key: "name" }, row.name), where ? h("span", { key: "where", className: "row-where" }, ` ${where}`) : null]);
  }

  function option(row, key, props, list, cells, extra) {
    const chosen = Boolean(row.asset) && row.asset === props.selected;
    return h("div", {
      key, id: `${props.id}-${key}`, role: "option", "aria-selected": chosen, "data-alarm": row.id,
      className: classes("list-row then-row", `priority-${row.priority}`, chosen && "chosen", key === list.at && "at", extra),
      onClick: () => list.pick(key), onDoubleClick: () => row.index >= 0 && vigie.room.fly(row.index),
    }, cells);
  }

  const signs = (row, words) => [
    h("span", { key: "priority", className: "row-priority" }, symbol("priority", String(row.priority), 22, words[`priority_${row.priority}`])),
    h("span", { key: "glyph", className: "row-glyph" }, symbol("glyph", row.glyph, 18)),
  ];

  function rowOf(row, props, list) {
    const words = props.labels.then;
    const again = row.activations > 1 ? ` · ${fill(words.again, { count: number(row.activations, props.language) })}` : "";
    return option(row, `a${row.id}`, props, list, [
      ...signs(row, words), what(row),
      h("span", { key: "time", className: "row-time" }, whenOf(row.raised, props.at, props)),
      h("span", { key: "cons", className: classes("row-cons", row.consequences >= MANY && "many") }, row.consequences ? number(row.consequences, props.language) : "–"),
      h("span", { key: "fact", className: "row-fact" }, [h("span", { key: "text" }, row.title + again)]),
      h("span", { key: "age", className: "row-age" }, row.returned ? words.ended : age(props.at - row.raised, props.labels.age)),
      followUp(row, words),
    ], row.returned && "over");
  }

  function learntRow(row, props, list) {
    const words = props.labels.then;
    return option(row, `l${row.id}`, props, list, [
      ...signs(row, words), what(row),
      h("span", { key: "time", className: "row-time" }, whenOf(row.raised, props.at, props)),
      h("span", { key: "cons", className: "row-cons" }, "–"),
      h("span", { key: "fact", className: "row-fact" }, [h("span", { key: "text" }, row.title)]),
      h("span", { key: "age", className: "row-age" }, age(props.at - row.raised, props.labels.age)),
      h("span", { key: "follow", className: "then-follow known-later" }, [h("span", { key: "first" }, fill(words.known_since, { time: whenOf(row.noticed, props.at, props) }))]),
    ], "learnt");
  }

  function recoveredRow(one, props, list) {
    const { row } = one;
    const words = props.labels.then;
    return option(row, `r${row.id}`, props, list, [
      h("span", { key: "priority", className: "row-priority" }, symbol("change", "recovered", 20, words.recovered_one)),
      h("span", { key: "glyph", className: "row-glyph" }, symbol("glyph", row.glyph, 18)),
      what(row),
      h("span", { key: "time", className: "row-time" }, whenOf(one.ended, props.at, props)),
      h("span", { key: "follow", className: "then-follow" }, [h("span", { key: "first" }, fill(words.after, { age: age(one.lasted, props.labels.age) }))]),
    ], "recovered");
  }

  // --- groups ----------------------------------------------------------------------------------------------------

  // The title of a group stays in sight at the foot of the list until the group itself is: it leads there.
  function group(name, title, note, rows, foot, props) {
    const lead = () => {
      const element = document.getElementById(`${props.id}-${name}`);
      if (element) element.scrollIntoView({ block: "nearest" });
    };
    return [
      h("p", { key: `${name}-title`, className: "then-group-title", style: { bottom: `${foot}px` }, "aria-hidden": true, onClick: lead }, [h("b", { key: "b" }, title), h("span", { key: "note" }, note)]),
      h("div", { key: name, id: `${props.id}-${name}`, role: "group", "aria-label": `${title}, ${note}`, className: `then-group then-${name}` }, rows),
    ];
  }

  function groups(props, list) {
    const words = props.labels.then;
    const { found } = props;
    const parts = [];
    if (found.rows.length) parts.push(h("div", { key: "rows", role: "group", "aria-label": words.name }, found.rows.map((row) => rowOf(row, props, list))));
    if (found.learnt.length) {
      const note = fill(words.learnt_count, { n: number(found.learnt_total, props.language) });
      parts.push(...group("learnt", words.learnt, note, found.learnt.map((row) => learntRow(row, props, list)), found.recovered ? TITLE_PX : 0, props));
    }
    if (found.recovered) {
      const { a, b, rows, total } = found.recovered;
      const note = `${whenOf(a, props.at, props)} → ${whenOf(b, props.at, props)} · ${number(total, props.language)}`;
      parts.push(...group("recovered", words.recovered, note, rows.map((one) => recoveredRow(one, props, list)), 0, props));
    }
    return parts;
  }

  function notice(title, body, kind) {
    return h("div", { key: "notice", className: `state-card state-${kind}`, role: "status" }, [h("h3", { key: "title" }, title), body ? h("p", { key: "body" }, body) : null]);
  }

  const countOf = (found) => (found ? found.rows.length + found.learnt.length + (found.recovered ? found.recovered.rows.length : 0) : 0);

  function content(props, list) {
    const words = props.labels.then;
    if (props.state === "away") return notice(words.away, words.away_body, "broken");
    if (!props.found) return notice(words.loading, "", "loading");
    const empty = !props.found.rows.length && (props.found.was_watched ? notice(words.empty, words.empty_body, "empty") : notice(words.unknown, words.unknown_body, "broken"));
    return [
      empty || h("div", { key: "columns", className: "list-columns then-columns", "aria-hidden": true }, [
        h("span", { key: "thing", className: "list-thing" }, words.thing), h("span", { key: "since", className: "list-since" }, words.since),
        h("span", { key: "cons", className: "list-cons" }, words.consequences), h("span", { key: "follow" }, words.followup),
      ]),
      countOf(props.found) > 0 && h("div", {
        key: "rows", className: "list-rows", role: "listbox", tabIndex: 0, "aria-label": words.name,
        "aria-activedescendant": list.at ? `${props.id}-${list.at}` : undefined, onKeyDown: list.key,
      }, groups(props, list)),
    ];
  }

  // --- keyboard and picking --------------------------------------------------------------------------------------

  function everything(found) {
    if (!found) return [];
    const recovered = found.recovered ? found.recovered.rows : [];
    return [...found.rows.map((row) => [`a${row.id}`, row]), ...found.learnt.map((row) => [`l${row.id}`, row]), ...recovered.map((one) => [`r${one.row.id}`, one.row])];
  }

  // The row the keyboard is on is remembered by alarm: while the past plays, rows come and go above it.
  function useList(props) {
    const { useState, useRef } = window.React;
    const [at, setAt] = useState(null);
    const picks = useRef(0);
    const all = everything(props.found);
    const pick = (key) => {
      setAt(key);
      const row = (all.find(([known]) => known === key) || [])[1];
      if (!row || !row.asset) return;
      picks.current += 1;
      props.setProps({ picked: { asset: row.asset, alarm: row.id, n: picks.current } });
    };
    const go = (step) => {
      const from = all.findIndex(([key]) => key === at);
      const [to] = all[Math.min(all.length - 1, Math.max(0, from + step))];
      setAt(to);
      const element = document.getElementById(`${props.id}-${to}`);
      if (element) element.scrollIntoView({ block: "nearest" });
    };
    const key = (event) => {
      if (STEPS[event.key] && all.length) go(STEPS[event.key]);
      else if ((event.key === "Enter" || event.key === " ") && at) pick(at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    return { at: all.some(([known]) => known === at) ? at : null, pick, key };
  }

  // Nothing ticks in the past: what could not be read is asked for again from here.
  function useAgain(props) {
    window.React.useEffect(() => {
      if (props.state !== "away") return undefined;
      const timer = setTimeout(() => props.setProps({ again: (props.again || 0) + 1 }), AGAIN_MS);
      return () => clearTimeout(timer);
    }, [props.state, props.again]);
  }

  vigie.AlarmsThen = function AlarmsThen(props) {
    useAgain(props);
    const list = useList(props);
    const found = props.state === "away" ? null : props.found;
    return h("section", { id: props.id, className: classes("attention", "alarms-then", props.className), "data-at": props.at, "aria-label": fill(props.labels.then.title, { at: props.at ? clockOf(props.at, props) : "" }) }, [
      head(props, found), content(props, list),
    ]);
  };
})();
