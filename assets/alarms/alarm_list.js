// vigie.AlarmList: what waits for an answer. A treegrid with one stop for Tab: arrows move, A acknowledges in two
// presses, the right arrow shows what a cause explains. However many alarms there are, only those in sight are drawn.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, number, useSecond, classes } = vigie.draw;
  const NARROW = "(max-width: 700px)";
  const SIZES = { wide: { row: 39, extra: 0 }, narrow: { row: 60, extra: 92 } };
  const NEWS_MS = 6000;
  const BEAT_MS = 1000;
  const STEPS = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -1e9, End: 1e9 };

  // --- what is drawn when there is nothing to draw -------------------------------------------------------------

  function card(kind, title, body, more) {
    return h("div", { key: "notice", className: `state-card state-${kind}`, role: "status" }, [
      h("h3", { key: "title" }, title),
      body ? h("p", { key: "body" }, body) : null,
      more ? h("div", { key: "more", className: "state-actions" }, more) : null,
      kind === "loading" ? h("div", { key: "bar", className: "bar-loading" }) : null,
    ]);
  }

  function nothing(list) {
    const { words, book, language } = list;
    if (book.state === "refused") return card("refused", words.refused_list, words.refused_list_body);
    if (!book.head) return book.state === "away" ? card("broken", words.away, words.away_body) : card("loading", words.loading);
    if (book.total) return null;
    const { flood, hidden } = book.head;
    if (book.filtered) {
      return card("empty", words.empty_filtered, fill(words.empty_filtered_body, { count: number(flood.causes, language) }),
        h("button", { type: "button", className: "button", onClick: () => list.clear() }, words.filter_clear));
    }
    const way = hidden && list.hiddenNow ? list.toHidden("button", fill(words.empty_hidden, { count: number(hidden, language) })) : null;
    return card("empty", words.empty, words.empty_body, way);
  }

  // --- what the hands do --------------------------------------------------------------------------------------

  function rowsOf(own) {
    return own.all.filter((line) => line.row);
  }

  function reveal(own, line) {
    const { box } = own;
    if (!box || !line) return;
    const bottom = line.top + own.size.row + (line.open ? own.size.extra : 0);
    if (line.top < box.scrollTop) box.scrollTop = line.top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
  }

  function lineOf(own, id) {
    return own.all.find((line) => line.row && line.row.id === id);
  }

  function move(own, step, choosing) {
    const { all } = own;
    if (!all.length) return;
    const from = all.findIndex((line) => line.row && line.row.id === own.at);
    const to = Math.min(all.length - 1, Math.max(0, from < 0 ? (step > 0 ? 0 : all.length - 1) : from + step));
    const line = all[to].row || all[to].text ? nearest(all, to, Math.sign(step)) : null;
    reveal(own, line || all[to]);
    // The place is reached although its page is not here yet: once it comes there is a row to stand on.
    own.goal = line ? null : to;
    if (!line) return;
    if (choosing && own.at) choose(own, own.at, true);
    own.acts.cancel();
    own.at = line.row.id;
    if (choosing) choose(own, own.at, true);
    own.redraw();
  }

  function nearest(all, to, direction) {
    for (let at = to; at >= 0 && at < all.length; at -= direction || 1) if (all[at].row) return all[at];
    return null;
  }

  function choose(own, id, on) {
    const chosen = new Set(own.chosen);
    if (on === undefined ? !chosen.has(id) : on) chosen.add(id);
    else chosen.delete(id);
    own.chosen = chosen;
    own.redraw();
  }

  // What an act is about: those chosen, else the row one is on, else what is picked.
  function meant(own) {
    if (own.chosen.size) return rowsOf(own).map((line) => line.row).filter((row) => own.chosen.has(row.id));
    const inList = own.box && own.box.contains(document.activeElement);
    const id = (inList && own.at) || own.props.alarm || own.at;
    const row = id && own.book.find(id);
    return row ? [row] : [];
  }

  // The first press names back, the second does it. Elsewhere in the room the key goes to the list first.
  async function acknowledge(own, row) {
    const { acts, words, props } = own;
    if (acts.named && row === undefined) return finish(own);
    const rows = row ? [row] : meant(own);
    if (own.box && !own.box.contains(document.activeElement)) own.box.focus({ preventScroll: true });
    if (!rows.length) {
      move(own, own.at ? 0 : 1);
      return;
    }
    // What was named back stands where one can read it.
    const shown = rows.some((one) => one.id === own.at) ? own.at : rows[0].id;
    own.at = shown;
    reveal(own, lineOf(own, shown));
    acts.name(rows, shown, words, props.acts);
    own.redraw();
  }

  // Once it is done the next that waits is the one to stand on; what failed stays under the hand.
  async function finish(own) {
    const { acts, words, props } = own;
    const rows = rowsOf(own);
    const ids = new Set(acts.named.rows.map((one) => one.id));
    const from = rows.findIndex((line) => line.row.id === acts.named.at);
    const next = rows.slice(from + 1).find((line) => line.level === 1 && !line.row.acknowledged && !ids.has(line.row.id));
    const before = own.at;
    if (!(await acts.confirm(words, props.acts))) return;
    own.chosen = new Set();
    if (next && own.at === before) {
      own.at = next.row.id;
      reveal(own, lineOf(own, next.row.id));
    }
    own.redraw();
  }

  function ask(own, verb) {
    const [row] = meant(own);
    if (!row) return false;
    own.asks = (own.asks || 0) + 1;
    own.props.setProps({ asked: { verb, id: row.id, n: own.asks } });
    return true;
  }

  function pick(own, row) {
    own.at = row.id;
    own.picks = (own.picks || 0) + 1;
    own.props.setProps({ picked: { alarm: row.id, asset: row.asset || null, n: own.picks } });
    own.redraw();
  }

  function fold(own, open) {
    const row = own.at && own.book.find(own.at);
    if (!row) return;
    const line = lineOf(own, own.at);
    if (!open && line && line.level > 1) {
      const cause = row.cause && lineOf(own, row.cause);
      if (cause) own.at = cause.row.id;
      own.book.fold(row.cause);
    } else if (!open) own.book.fold(row.id);
    else if (row.consequences) own.book.unfold(row.id);
    own.redraw();
  }

  function release(own) {
    if (own.acts.cancel()) return true;
    if (!own.chosen.size) return false;
    own.chosen = new Set();
    own.redraw();
    return true;
  }

  function enter(own) {
    if (own.acts.named) finish(own);
    else if (own.at && own.book.find(own.at)) pick(own, own.book.find(own.at));
  }

  const KEYS = {
    Enter: enter,
    " ": (own) => own.at && choose(own, own.at),
    ArrowRight: (own) => fold(own, true),
    ArrowLeft: (own) => fold(own, false),
    Escape: release,
  };

  function onKey(own, event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("button") && (event.key === "Enter" || event.key === " ")) return;
    if (event.key in STEPS) move(own, STEPS[event.key], event.shiftKey);
    else if (!(event.key in KEYS) || KEYS[event.key](own) === false) return;
    event.preventDefault();
  }

  function onClick(own, row, event) {
    if (event.shiftKey || event.ctrlKey || event.metaKey) {
      own.at = row.id;
      choose(own, row.id);
      return;
    }
    if (own.acts.named && own.acts.named.at !== row.id) own.acts.cancel();
    if (own.size.extra) {
      own.at = row.id;
      own.redraw();
    } else pick(own, row);
  }

  // --- state --------------------------------------------------------------------------------------------------

  function useOwn(props) {
    const { useEffect, useReducer, useRef } = window.React;
    const own = useRef(null);
    const [, redraw] = useReducer((n) => n + 1, 0);
    if (!own.current) {
      const book = vigie.alarmBook;
      vigie.alarmActs = vigie.alarmActs || new vigie.AlarmActs(book);
      own.current = { book, acts: vigie.alarmActs, at: null, chosen: new Set(), news: new Set(), all: [], seenVersion: -1, goal: null, scroll: 0, high: 800 };
    }
    Object.assign(own.current, { props, redraw, words: props.labels.list });
    own.current.acts.zone = props.zone;
    useEffect(() => {
      const { book } = own.current;
      book.start();
      vigie.alarmMarks.start();
      vigie.alarmSounds.begin();
      const stops = [book.subscribe(() => heed(own.current)), vigie.alarmSounds.subscribe(redraw), vigie.live.subscribe((news) => news.link && redraw())];
      vigie.alarmKeys = keysOf(own.current);
      return () => {
        stops.forEach((stop) => stop());
        vigie.alarmKeys = null;
      };
    }, []);
    return own.current;
  }

  function visit(address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    return true;
  }

  // The way to what is hidden, or its count alone where she may not see it.
  function wayToHidden(address, words, className, text) {
    if (!address) return h("span", { key: "hidden", className }, text);
    const go = (event) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      visit(address);
    };
    return h("a", { key: "hidden", className, href: address, title: words.hidden_title, onClick: go }, text);
  }

  function keysOf(own) {
    return {
      acknowledge: (row) => acknowledge(own, row) && true,
      ask: (verb) => ask(own, verb),
      mute: () => {
        if (vigie.alarmSounds.mutedUntil()) vigie.alarmSounds.unmute();
        else {
          own.muting = !own.muting;
          own.redraw();
        }
        return true;
      },
      hidden: () => Boolean(own.props.hidden) && visit(own.props.hidden),
    };
  }

  // The book has something new: what others did is told, and the row one stands on keeps its place on the screen.
  function heed(own) {
    for (const row of own.book.others) {
      if (row.acknowledged_by === own.props.me) continue;
      own.news.add(row.id);
      own.acts.spoken = fill(own.words.said_other, { what: row.name || row.area, who: row.acknowledged_by });
      setTimeout(() => own.news.delete(row.id) && own.redraw(), NEWS_MS);
    }
    own.book.others = [];
    own.redraw();
  }

  function useNarrow() {
    const { useEffect, useState } = window.React;
    const [narrow, setNarrow] = useState(window.matchMedia(NARROW).matches);
    useEffect(() => {
      const query = window.matchMedia(NARROW);
      const heard = () => setNarrow(query.matches);
      query.addEventListener("change", heard);
      return () => query.removeEventListener("change", heard);
    }, []);
    return narrow;
  }

  // Lines are made anew when the book or the open row changed, not with every step of the wheel.
  function layOut(own, narrow) {
    const size = narrow ? SIZES.narrow : SIZES.wide;
    const openId = narrow ? own.at || (own.book.rowAt(0) || {}).id : null;
    if (own.seenVersion === own.book.version && own.openId === openId && own.size === size) return;
    Object.assign(own, { size, openId, seenVersion: own.book.version });
    const before = own.at && lineOf(own, own.at);
    const { lines, height } = vigie.alarmWindow.lines(own.book, own.words, { ...size, openId });
    Object.assign(own, { all: lines, height });
    if (own.goal !== null && lines[own.goal] && lines[own.goal].row) {
      own.at = lines[own.goal].row.id;
      own.goal = null;
      return;
    }
    const after = own.at && lineOf(own, own.at);
    if (before && after && own.scroll > 0 && after.top !== before.top) own.shift = after.top - before.top;
  }

  function useWindow(own) {
    const { useEffect, useLayoutEffect } = window.React;
    useLayoutEffect(() => {
      if (own.box && own.shift) own.box.scrollTop += own.shift;
      own.shift = 0;
    });
    useEffect(() => {
      if (!own.box) return undefined;
      const watcher = new ResizeObserver(() => {
        own.high = own.box ? own.box.clientHeight : own.high;
        own.redraw();
      });
      watcher.observe(own.box);
      return () => watcher.disconnect();
    }, [Boolean(own.book.total)]);
  }

  function onScroll(own) {
    if (own.frame) return;
    own.frame = requestAnimationFrame(() => {
      own.frame = null;
      if (!own.box) return;
      own.scroll = own.box.scrollTop;
      own.redraw();
    });
  }

  function grid(own, list) {
    const shown = vigie.alarmWindow.inSight(own.all, own.scroll, own.high, own.size.row);
    const places = shown.filter((line) => line.place !== undefined).map((line) => line.place);
    if (places.length) own.book.see(places[0], places[places.length - 1]);
    const here = own.at && shown.some((line) => line.row && line.row.id === own.at);
    return h("div", {
      key: "rows", className: classes("alarm-rows", own.book.head.flood.on && "in-flood"), role: "treegrid", tabIndex: 0, "data-beat": Math.floor(performance.now() / BEAT_MS) % 3, "aria-label": own.words.name, "aria-multiselectable": true,
      "aria-rowcount": own.all.length, "aria-activedescendant": here ? `${list.id}-${own.at}` : undefined, "aria-describedby": `${list.id}-hint`,
      ref: (box) => (own.box = box), onKeyDown: (event) => onKey(own, event), onScroll: () => onScroll(own),
      onFocus: () => own.at || move(own, 1),
    }, h("div", { role: "rowgroup", className: "alarm-sheet", style: { height: `${own.height}px` } }, shown.map((line) => vigie.alarmRow(line, list))));
  }

  // Everything the parts draw from, and what they may do.
  function listOf(own, props) {
    const { labels } = props;
    return {
      id: props.id, book: own.book, acts: own.acts, words: labels.list, sound: labels.sound, labels, types: labels.types,
      language: props.language, zone: props.zone, may: props.acts, now: vigie.live.now(), hiddenNow: props.hidden,
      at: own.at, picked: props.alarm, chosen: own.chosen, news: own.news, muting: own.muting, filtering: own.filtering || Boolean(own.book.filters.text),
      acknowledge: (row) => acknowledge(own, row),
      toHidden: (className, text) => wayToHidden(props.hidden, labels.list, className, text),
      cancel: () => release(own),
      click: (row, event) => onClick(own, row, event),
      pick: (row) => pick(own, row),
      fly: (row) => vigie.room.fly(row.index),
      toggle: (row) => (own.book.behind.has(row.id) ? own.book.fold(row.id) : own.book.unfold(row.id)),
      clear: () => own.book.filter({ priorities: null, handling: null, text: "" }),
      setMuting: (on) => Object.assign(own, { muting: on }) && own.redraw(),
      setFiltering: (on) => Object.assign(own, { filtering: on }) && own.redraw(),
    };
  }

  vigie.AlarmList = function AlarmList(props) {
    useSecond();
    const own = useOwn(props);
    layOut(own, useNarrow());
    useWindow(own);
    const list = listOf(own, props);
    return h("section", { id: props.id, className: classes("alarms", props.className), "aria-label": props.labels.list.title, "data-state": own.book.state }, [
      ...vigie.alarmHead(list),
      nothing(list) || grid(own, list),
      h("p", { key: "hint", id: `${props.id}-hint`, className: "unseen" }, props.labels.list.row_hint),
      h("p", { key: "spoken", className: "unseen", role: "status", "aria-live": "assertive" }, own.acts.spoken),
    ]);
  };
})();
