// vigie.Legend: every state with its symbol and count; each row switches its state on the map.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, number, useStore, classes } = vigie.draw;

  const NARROW_PX = 700;
  // What wants somebody, what is known of, and the normal city; a rule between them.
  const GROUPS = [
    ["abnormal", ["fault", "consequence", "handled", "degraded", "comms_lost"]],
    ["known", ["maintenance", "out_of_service", "unknown", "stale"]],
    ["calm", ["active", "normal"]],
  ];
  const ALL = GROUPS.flatMap(([, names]) => names);

  // One switch turns a state off; the last one off turns all on again, for an empty map says nothing.
  function toggled(statuses, name) {
    const shown = statuses === null ? ALL : statuses;
    const next = shown.includes(name) ? shown.filter((other) => other !== name) : [...shown, name];
    return next.length === ALL.length || next.length === 0 ? null : ALL.filter((other) => next.includes(other));
  }

  function row(name, count, on, words, language, act) {
    return h(
      "button",
      {
        key: name, type: "button", className: classes("legend-row", !on && "off", count === 0 && "none"),
        "aria-pressed": on, "data-status": name, onClick: act,
      },
      [
        h("span", { key: "symbol", className: "legend-symbol" }, symbol("status", name, 20)),
        h("span", { key: "label", className: "legend-label" }, words[name]),
        h("span", { key: "count", className: "legend-count" }, number(count, language)),
      ]
    );
  }

  // Stale is shown only when something is, and what is in hand where alarms are answered: a row of zeros teaches nobody.
  function rows(names, counts, statuses, mode, draw) {
    const rare = mode === "past" ? ["stale", "handled"] : ["stale"];
    const { CLASS } = vigie.codes;
    return names
      .map((name) => [name, counts[CLASS[name]], statuses === null || statuses.includes(name)])
      .filter(([name, count, on]) => !rare.includes(name) || count > 0 || !on)
      .map(([name, count, on]) => draw(name, count, on));
  }

  vigie.Legend = function Legend(props) {
    const { useEffect, useState } = window.React;
    const store = useStore(props.mode, (news) => news.changed.length || news.all || news.filters || news.geometry);
    const [open, setOpen] = useState(window.innerWidth > NARROW_PX);
    useEffect(() => {
      store.filter("statuses", props.statuses);
    }, [JSON.stringify(props.statuses)]);
    const words = props.labels.legend;
    // Of the past it says when its counts are of.
    const at = props.mode === "past" && store.now() !== null && vigie.draw.instant(store.now(), props.language, props.zone, { hour: "2-digit", minute: "2-digit" });
    const title = at ? vigie.draw.fill(words.title_past, { at }) : words.title;
    const statuses = store.filters.statuses;
    const set = (next) => {
      store.filter("statuses", next);
      if (props.setProps) props.setProps({ statuses: next });
    };
    const counts = store.counts().classes;
    const draw = (name, count, on) => row(name, count, on, words, props.language, () => set(toggled(statuses, name)));
    return h("section", { id: props.id, className: classes("legend", props.className, !open && "folded"), "aria-label": title }, [
      h("div", { key: "head", className: "legend-head" }, [
        h("button", { key: "fold", type: "button", className: "legend-fold", "aria-expanded": open, onClick: () => setOpen(!open) }, open ? title : words.unfold),
        statuses !== null && h("button", { key: "all", type: "button", className: "legend-all", onClick: () => set(null) }, words.all),
      ]),
      open && GROUPS.map(([group, names]) =>
        h("div", { key: group, className: "legend-group", role: "group", "aria-label": words[group] }, rows(names, counts, statuses, props.mode, draw))
      ),
    ]);
  };
})();
