// One row of the list: two lines, as far as the eye needs to go. Only what nobody has acknowledged is bold.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, number, fill, classes } = vigie.draw;
  const MANY = 10;

  const cell = (key, className, children, more = {}) => h("div", { key, role: "gridcell", className, ...more }, children);
  const stopped = (act) => (event) => {
    event.stopPropagation();
    act();
  };

  function button(key, className, text, act, more = {}) {
    return h("button", { key, type: "button", className, tabIndex: -1, onClick: stopped(act), ...more }, text);
  }

  const isNamed = (row, { acts }) => Boolean(acts.named) && acts.named.at === row.id;

  // What is asked before an act has both lines and all the width there is: it is to be read whole.
  function asked(list) {
    return cell("what", "alarm-what alarm-asked", h("div", { className: "alarm-question", title: list.acts.question() }, [
      list.acts.question(), " ", h("kbd", { key: "keys" }, list.words.name_back_keys),
    ]));
  }

  // The second line: the fact, or what the server has said of an act.
  function fact(row, list) {
    const said = list.acts.said.get(row.id);
    if (said) return h("div", { key: "fact", className: `alarm-said said-${said.kind}`, title: said.text }, said.text);
    return h("div", { key: "fact", className: "alarm-fact", title: row.title }, row.title);
  }

  function consequences(row, list) {
    if (!row.consequences) return cell("cons", "alarm-cons none", "–");
    const open = list.book.behind.has(row.id);
    const count = number(row.consequences, list.language);
    const label = fill(open ? list.words.fold : list.words.unfold, { count });
    return cell("cons", classes("alarm-cons", row.consequences >= MANY && "many"), button(
      "open", "alarm-unfold", [symbol("icon", open ? "fold" : "unfold", 11), h("span", { key: "n" }, count)],
      () => list.toggle(row), { "aria-label": label, "aria-expanded": open, title: label }
    ));
  }

  function handling(row, list) {
    const { acts, words } = list;
    const telling = vigie.alarmTelling;
    if (acts.pending.has(row.id)) return h("div", { key: "do", className: "alarm-pending" }, words.pending);
    if (isNamed(row, list)) {
      return h("div", { key: "do", className: "alarm-confirm" }, [
        button("yes", "alarm-yes", words.act_acknowledge, () => list.acknowledge()),
        button("no", "alarm-no", symbol("icon", "close", 12), () => list.cancel(), { "aria-label": words.act_cancel, title: words.act_cancel }),
      ]);
    }
    const text = telling.followUp(row, words);
    if (row.acknowledged) return h("div", { key: "do", className: "alarm-done", title: row.acknowledged_by }, text);
    if (!list.may) return h("div", { key: "do", className: "alarm-todo" }, text);
    return button("do", "alarm-todo", text, () => list.acknowledge(row));
  }

  function aside(row, list) {
    const text = vigie.alarmTelling.aside(row, list.words);
    return text ? h("div", { key: "aside", className: classes("alarm-aside", row.escalation > 0 && !row.acknowledged && "urgent"), title: text }, text) : null;
  }

  // On a phone the row one is on is open: where it is, and what can be done, each as large as a thumb.
  function opened(row, list) {
    const { words } = list;
    const named = isNamed(row, list);
    const big = (key, className, text, act) => button(key, classes("alarm-act", className), text, act, { tabIndex: 0 });
    const first = row.acknowledged || !list.may ? null : big("ack", "primary", named ? words.act_confirm : words.act_acknowledge, () => list.acknowledge(named ? undefined : row));
    return h("div", { key: "open", role: "gridcell", className: "alarm-open" }, [
      h("p", { key: "where", className: "alarm-where" }, vigie.alarmTelling.where(row)),
      h("div", { key: "acts", className: "alarm-acts" }, named
        ? [first, big("no", "", words.act_cancel, () => list.cancel())]
        : [first, big("sheet", "", words.act_sheet, () => list.pick(row)), row.index >= 0 ? big("map", "", words.act_map, () => list.fly(row)) : null]),
    ]);
  }

  function classOf(row, item, list) {
    const quiet = row.acknowledged || item.level > 1;
    return classes(
      "alarm-row", `priority-${row.priority}`, quiet ? "quiet" : "calls", row.returned && "over", item.level > 1 && "behind",
      row.id === list.at && "at", row.id === list.picked && "chosen", list.chosen.has(row.id) && "listed",
      item.open && "open", list.news.has(row.id) && "news"
    );
  }

  function row(item, list) {
    const one = item.row;
    const priority = item.level > 1 ? one.priority : one.worst || one.priority;
    const expands = item.level === 1 && one.consequences > 0;
    return h("div", {
      key: item.key, id: `${list.id}-${one.id}`, role: "row", "aria-level": item.level, "aria-rowindex": item.at + 1,
      "aria-selected": list.chosen.has(one.id) || one.id === list.picked,
      "aria-expanded": expands ? list.book.behind.has(one.id) : undefined,
      className: classOf(one, item, list), style: { transform: `translateY(${item.top}px)` },
      "data-alarm": one.id, onClick: (event) => list.click(one, event), onDoubleClick: () => list.fly(one),
    }, [
      cell("priority", "alarm-priority", symbol("priority", String(priority), 22, list.words[`priority_${priority}`])),
      cell("glyph", "alarm-glyph", one.glyph ? symbol("glyph", one.glyph, 18, list.types[one.type]) : null),
      isNamed(one, list) ? asked(list) : cell("what", "alarm-what", [
        h("div", { key: "name", className: "alarm-name" }, [
          h("b", { key: "name" }, one.name || one.area),
          h("span", { key: "where", className: "alarm-place" }, ` ${vigie.alarmTelling.where(one)}`),
        ]),
        fact(one, list),
      ]),
      isNamed(one, list) ? null : cell("when", "alarm-when", [
        h("div", { key: "since", className: "alarm-since" }, vigie.alarmTelling.since(one, list, list.now)),
        h("div", { key: "age", className: "alarm-age" }, vigie.alarmTelling.duration(one, list, list.now)),
      ]),
      isNamed(one, list) ? null : consequences(one, list),
      cell("do", "alarm-do", [handling(one, list), aside(one, list)]),
      item.open ? opened(one, list) : null,
    ]);
  }

  // A row whose page is on its way, or what is said under a cause that was unfolded.
  function filler(item, list) {
    return h("div", {
      key: item.key, role: "row", "aria-rowindex": item.at + 1, className: "alarm-row filler", style: { transform: `translateY(${item.top}px)` },
    }, cell("text", "alarm-filler", item.text || list.words.loading));
  }

  vigie.alarmRow = (item, list) => (item.row ? row(item, list) : filler(item, list));
})();
