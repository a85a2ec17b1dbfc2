// vigie.Search: find an asset by name, id or street. A combobox: what is typed is asked, the answers are listed.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, classes } = vigie.draw;
  const PAUSE_MS = 120;
  const LEAST = 2;

  // In the past an answer's sign is that of the instant shown.
  async function ask(props, query, signal) {
    const instant = props.mode === "past" && vigie.clock ? `&at=${new Date(vigie.clock.at * 1000).toISOString()}` : "";
    const url = `${props.address}?q=${encodeURIComponent(query)}&lang=${props.language}${instant}`;
    const answer = await fetch(url, { signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  }

  // The newest question wins: an older answer that comes late is dropped.
  function useAnswers(props, query) {
    const { useState, useEffect } = window.React;
    const [found, setFound] = useState({ rows: [], state: "idle" });
    useEffect(() => {
      const text = query.trim();
      if (text.length < LEAST) {
        setFound({ rows: [], state: "idle" });
        return undefined;
      }
      const stop = new AbortController();
      const timer = setTimeout(() => {
        ask(props, text, stop.signal)
          .then((rows) => setFound({ rows, state: rows.length ? "found" : "none" }))
          .catch((error) => error.name === "AbortError" || setFound({ rows: [], state: "away" }));
      }, PAUSE_MS);
      return () => {
        clearTimeout(timer);
        stop.abort();
      };
    }, [query, props.address, props.language]);
    return found;
  }

  function option(row, at, props, box) {
    // The answers know the state of now, which is no news of the past.
    const normal = row.status === "normal" || row.status === "active" || props.mode === "past";
    return h("li", {
      key: row.external_id,
      id: `${props.id}-${at}`,
      role: "option",
      "aria-selected": at === box.at,
      className: classes("search-option", at === box.at && "at"),
      onMouseDown: (event) => event.preventDefault(),
      onClick: () => box.pick(row),
    }, [
      h("span", { key: "sign", className: "search-sign" }, normal ? symbol("glyph", row.glyph, 16) : symbol("status", row.status, 16, props.labels.status[row.status])),
      h("span", { key: "name", className: "search-name" }, row.name),
      h("span", { key: "id", className: "search-id" }, row.external_id),
      h("span", { key: "where", className: "search-where" }, [row.street, row.area].filter(Boolean).join(" · ")),
    ]);
  }

  function answers(props, box, found) {
    if (!box.open || found.state === "idle") return null;
    if (found.state !== "found") return h("p", { key: "said", className: "search-said", role: "status" }, props.labels[found.state]);
    return h("ul", { key: "list", id: `${props.id}-list`, role: "listbox", className: "search-list", "aria-label": props.labels.results },
      found.rows.map((row, at) => option(row, at, props, box)));
  }

  function useBox(props, found, setQuery) {
    const { useState, useRef } = window.React;
    const [at, setAt] = useState(0);
    const [open, setOpen] = useState(false);
    const picks = useRef(0);
    const pick = (row) => {
      if (!row) return;
      picks.current += 1;
      props.setProps({ picked: { asset: row.external_id, n: picks.current } });
      setOpen(false);
      setQuery("");
    };
    const move = (step) => setAt((now) => Math.min(found.rows.length - 1, Math.max(0, now + step)));
    const keys = {
      ArrowDown: () => (setOpen(true), move(1)),
      ArrowUp: () => move(-1),
      Enter: () => pick(found.rows[Math.min(at, found.rows.length - 1)]),
      Escape: () => (setOpen(false), setQuery("")),
    };
    const key = (event) => {
      if (!keys[event.key]) return;
      event.preventDefault();
      event.stopPropagation();
      keys[event.key]();
    };
    return { at: Math.min(at, Math.max(0, found.rows.length - 1)), open, pick, key, setOpen, setAt };
  }

  vigie.Search = function Search(props) {
    const { useState } = window.React;
    const [query, setQuery] = useState("");
    const found = useAnswers(props, query);
    const box = useBox(props, found, setQuery);
    const listed = box.open && found.state === "found";
    const input = {
      key: "input",
      type: "text",
      role: "combobox",
      value: query,
      placeholder: props.labels.hint,
      "aria-label": props.labels.label,
      "aria-expanded": listed,
      "aria-controls": `${props.id}-list`,
      "aria-autocomplete": "list",
      "aria-activedescendant": listed ? `${props.id}-${box.at}` : undefined,
      autoComplete: "off",
      spellCheck: false,
      "data-search": "",
      onChange: (event) => {
        setQuery(event.target.value);
        box.setAt(0);
        box.setOpen(true);
      },
      onFocus: () => box.setOpen(true),
      onBlur: () => box.setOpen(false),
      onKeyDown: box.key,
    };
    return h("div", { id: props.id, className: classes("search", props.className) }, [
      h("div", { key: "box", className: "search-box" }, [symbol("icon", "search", 16), h("input", input), h("kbd", { key: "key" }, "/")]),
      answers(props, box, found),
    ]);
  };
})();
