// What stands above the rows: counts by priority, sound, filter, what is hidden, the load, the flood, what is wrong.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, number, fill, age, timeOfDay, classes } = vigie.draw;
  const PRIORITIES = [1, 2, 3, 4];
  const HANDLING = ["", "unacknowledged", "acknowledged", "returned", "mine"];
  const UNWATCHED_S = 15;

  // One count is a switch: only these; once more: all again.
  function counts(list) {
    const { head, filters } = list.book;
    const shown = filters.priorities;
    return h("div", { key: "counts", className: "alarm-counts", role: "group", "aria-label": list.words.title }, PRIORITIES.map((priority) => {
      const n = head ? head.by_priority[priority] || 0 : 0;
      const waiting = head ? head.unacknowledged[priority] || 0 : 0;
      const on = shown === null || shown.includes(priority);
      const label = fill(list.words.only_priority, { count: number(n, list.language), priority: list.words[`priority_${priority}`] });
      const act = () => list.book.filter({ priorities: shown && shown.length === 1 && shown[0] === priority ? null : [priority] });
      return h("button", {
        key: priority, type: "button", className: classes("alarm-count", !n && "none", !on && "off", waiting > 0 && "waiting"),
        "aria-pressed": shown !== null && on, title: label, onClick: act, "data-priority": priority,
      }, [symbol("priority", String(priority), 18, list.words[`priority_${priority}`]), h("b", { key: "n" }, head ? number(n, list.language) : "–")]);
    }));
  }

  const two = (n) => String(n).padStart(2, "0");

  function left(until) {
    const s = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    return `${Math.floor(s / 60)}:${two(s % 60)}`;
  }

  function silence(list) {
    const { words } = { words: list.sound };
    const act = (minutes) => () => {
      vigie.alarmSounds.mute(minutes);
      list.setMuting(false);
    };
    return h("div", { key: "choices", className: "alarm-mute", role: "group", "aria-label": words.for }, [
      h("span", { key: "for" }, words.for),
      ...vigie.alarmSounds.CHOICES.map((minutes, at) =>
        h("button", { key: minutes, type: "button", className: "button", autoFocus: at === 0, onClick: act(minutes) }, fill(words.minutes, { count: minutes }))),
    ]);
  }

  function sound(list) {
    const words = list.sound;
    const sounds = vigie.alarmSounds;
    const until = sounds.mutedUntil();
    if (sounds.blocked && !until) {
      return h("button", { key: "sound", type: "button", className: "alarm-tool blocked", title: words.blocked, onClick: () => sounds.begin() },
        [symbol("icon", "muted", 16), h("span", { key: "text" }, words.blocked_body)]);
    }
    if (until) {
      return h("button", { key: "sound", type: "button", className: "alarm-tool muted", title: words.unmute, onClick: () => sounds.unmute() },
        [symbol("icon", "muted", 16), h("span", { key: "text" }, fill(words.muted, { left: left(until) }))]);
    }
    return h("button", {
      key: "sound", type: "button", className: "alarm-tool", title: words.mute, "aria-label": `${words.on}. ${words.mute}`,
      "aria-expanded": list.muting, onClick: () => list.setMuting(!list.muting),
    }, symbol("icon", "sound", 16));
  }

  function tools(list) {
    const { words, book } = list;
    const hidden = book.head ? book.head.hidden : 0;
    return [
      sound(list),
      h("button", {
        key: "filter", type: "button", className: classes("alarm-tool", book.filtered && "on"), title: words.filter, "aria-label": words.filter,
        "aria-expanded": list.filtering, onClick: () => list.setFiltering(!list.filtering),
      }, symbol("icon", "filter", 16)),
      list.toHidden("alarm-hidden", fill(words.hidden, { count: number(hidden, list.language) })),
    ];
  }

  function load(list) {
    const { head } = list.book;
    const { words, language } = list;
    const flood = head && head.flood;
    const one = flood && flood.count === 1 ? words.load_one : words.load;
    return h("div", { key: "load", className: "alarm-load" }, [
      h("span", { key: "load" }, flood ? fill(one, { count: number(flood.count, language), threshold: flood.threshold }) : ""),
      list.book.filtered
        ? h("span", { key: "filtered", className: "alarm-filtered" }, [
            fill(words.filtered, { total: number(list.book.total, language), whole: number(flood ? flood.causes : 0, language) }),
            h("button", { key: "clear", type: "button", className: "alarm-clear", onClick: () => list.clear() }, words.filter_clear),
          ])
        : h("span", { key: "order" }, list.chosen.size ? fill(words.selected, { count: list.chosen.size }) : flood && flood.on ? words.order_flood : words.order),
    ]);
  }

  function filters(list) {
    const { words, book } = list;
    return h("div", { key: "filters", className: "alarm-filters", role: "search" }, [
      h("input", {
        key: "text", type: "search", className: "alarm-words", placeholder: words.filter_text, "aria-label": words.filter_text, maxLength: 80,
        value: book.filters.text, onChange: (event) => book.filter({ text: event.target.value }),
      }),
      h("select", {
        key: "handling", className: "alarm-handling", "aria-label": words.filter_handling, value: book.filters.handling || "",
        onChange: (event) => book.filter({ handling: event.target.value || null }),
      }, HANDLING.map((name) => h("option", { key: name, value: name }, words[`handling_${name || "all"}`]))),
    ]);
  }

  function flood(list) {
    const { head } = list.book;
    const on = head && head.flood.on;
    const { words, language } = list;
    const say = (n) => number(n, language);
    // Always there, so that a screen reader hears it begin: its name, not each new count.
    return h("div", { key: "flood", className: classes("alarm-flood", on && "on") }, [
      h("strong", { key: "title", role: "status" }, on ? words.flood : ""),
      on && h("span", { key: "body", className: "alarm-flood-body" }, fill(words.flood_body, { count: say(head.flood.count), causes: say(head.flood.causes) })),
      on && h("span", { key: "behind", className: "alarm-flood-behind" }, fill(words.flood_behind, { count: say(head.flood.consequences) })),
    ]);
  }

  // What makes the list less than it looks: nobody watches, or the database does not answer.
  function trouble(list) {
    const { words, labels, now, book } = list;
    const { watched, link } = vigie.live;
    const told = (text) => h("p", { key: "trouble", className: "alarm-trouble", role: "status" }, [symbol("freshness", "late", 16), h("span", { key: "text" }, text)]);
    if (book.state === "away" && book.head) return told(fill(words.stale, { time: timeOfDay(book.readAt, list.language, list.zone) }));
    if (now === null || !["live", "database"].includes(link.state)) return null;
    if (watched === null && book.head) return told(words.unwatched_never);
    if (watched === null || now - watched < UNWATCHED_S) return null;
    return told(fill(words.unwatched, { time: timeOfDay(watched, list.language, list.zone), age: age(now - watched, labels.age, true) }));
  }

  function columns(words) {
    return h("div", { key: "columns", className: "alarm-columns", "aria-hidden": true }, [
      h("span", { key: "thing", className: "column-thing" }, words.thing),
      h("span", { key: "since", className: "column-since" }, words.since),
      h("span", { key: "cons", className: "column-cons" }, words.consequences),
      h("span", { key: "follow", className: "column-follow" }, words.followup),
    ]);
  }

  vigie.alarmHead = (list) => [
    h("div", { key: "head", className: "alarm-head" }, [
      h("h2", { key: "title" }, list.words.title),
      counts(list),
      h("div", { key: "tools", className: "alarm-tools" }, tools(list)),
    ]),
    list.muting && silence(list),
    load(list),
    list.filtering && filters(list),
    flood(list),
    trouble(list),
    columns(list.words),
  ];
})();
