// vigie.Ticker: the last state changes, newest first; it stands still while it is paused or read.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, symbol, timeOfDay, number, useStore, classes } = vigie.draw;

  function row(notice, at, { labels, language, zone }, pick) {
    const states = (labels.states || {})[notice.type] || {};
    const became = states[notice.state] || labels.status[notice.to] || notice.state;
    return h("li", { key: `${notice.t}-${notice.index}-${at}` },
      h("button", { type: "button", className: classes("ticker-row", `to-${notice.to}`), onClick: () => pick(notice.index) }, [
        h("time", { key: "time" }, timeOfDay(notice.t, language, zone)),
        h("span", { key: "change", className: "ticker-change" }, [
          symbol("status", notice.from, 16, labels.status[notice.from]),
          h("span", { key: "to", className: "ticker-arrow", "aria-label": labels.ticker.became }, "→"),
          symbol("status", notice.to, 16, labels.status[notice.to]),
        ]),
        h("span", { key: "what", className: "ticker-what" }, [
          h("b", { key: "name" }, notice.name || notice.id),
          notice.street ? h("span", { key: "street", className: "ticker-street" }, ` ${notice.street}`) : null,
        ]),
        h("span", { key: "became", className: "ticker-became" }, became),
      ])
    );
  }

  // While paused the rows stay; how many wait is counted.
  function usePause(store) {
    const { useState } = window.React;
    const [held, setHeld] = useState(null);
    return {
      paused: held !== null,
      notices: held ? held.notices : store.notices,
      waiting: held ? store.noticed - held.noticed : 0,
      toggle: () => setHeld(held ? null : { notices: store.notices, noticed: store.noticed }),
    };
  }

  function head(words, pause, language) {
    return h("div", { key: "head", className: "ticker-head" }, [
      h("h2", { key: "title" }, words.title),
      pause.paused && h("span", { key: "waiting", className: "ticker-waiting" }, fill(words.paused, { count: number(pause.waiting, language) })),
      h("button", { key: "pause", type: "button", className: "ticker-pause", "aria-pressed": pause.paused, title: pause.paused ? words.resume : words.pause, "aria-label": pause.paused ? words.resume : words.pause, onClick: pause.toggle }, symbol("icon", pause.paused ? "play" : "pause", 16)),
    ]);
  }

  vigie.Ticker = function Ticker(props) {
    const { useRef } = window.React;
    const store = useStore(props.mode, (news) => news.notices, 300);
    const picks = useRef(0);
    const pause = usePause(store);
    const words = props.labels.ticker;
    const pick = (index) => {
      picks.current += 1;
      if (props.setProps) props.setProps({ picked: { index, version: store.version, n: picks.current } });
    };
    const rows = pause.notices.slice(0, props.rows || 8);
    return h("section", { id: props.id, className: classes("ticker", props.className), "aria-label": words.title }, [
      head(words, pause, props.language),
      rows.length
        ? h("ol", { key: "rows", className: "ticker-rows", role: "log", "aria-live": "off" }, rows.map((notice, at) => row(notice, at, props, pick)))
        : h("p", { key: "empty", className: "ticker-empty" }, words.empty),
    ]);
  };
})();
