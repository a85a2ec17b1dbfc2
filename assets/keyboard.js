// The keyboard: one table of keys and what they do, kept out of the way of whoever is typing. vigie.Keys draws the
// help from the same table.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const DOMAINS = 9;

  const focusOn = (selector) => () => {
    const element = document.querySelector(selector);
    if (element) element.focus();
    return Boolean(element);
  };
  const press = (selector, at = 0) => {
    const element = document.querySelectorAll(selector)[at];
    if (element) element.click();
    return Boolean(element);
  };
  const eachMap = (act) => () => {
    vigie.maps.forEach(act);
    return vigie.maps.size > 0;
  };
  const switched = (name) => () => vigie.preferences.set(name, vigie.preferences.other(name)) === undefined;

  // key (as typed), the word of the help in labels, what it does; `shown` is how the help writes the key.
  const KEYS = [
    { key: "/", label: "search", act: focusOn('[role="combobox"]') },
    { key: "m", label: "map", act: focusOn(".city-map canvas") },
    { key: "a", label: "list", act: focusOn('[role="listbox"]') },
    { key: "f", label: "fit", act: eachMap((view) => view.fit()) },
    ...Array.from({ length: DOMAINS }, (_, at) => ({
      key: String(at + 1), label: "domain", n: at + 1, act: () => press(".domain", at),
    })),
    { key: "p", label: "past", act: () => press('a[href="/history"]') },
    { key: "t", label: "theme", act: switched("theme") },
    { key: "l", label: "language", act: switched("language") },
    { key: "?", label: "help", act: () => openHelp() },
    { key: "Escape", shown: "Esc", label: "clear", act: eachMap((view) => view.report.clear()) },
  ];

  let openHelp = () => false;

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || Boolean(target.closest("dialog"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const found = KEYS.find(({ key }) => key === event.key);
    if (found && found.act()) event.preventDefault();
  });

  // What the help lists: of the domains only those the page has.
  function listed() {
    const domains = document.querySelectorAll(".domain").length;
    return KEYS.filter(({ n }) => n === undefined || n <= domains);
  }

  vigie.Keys = function Keys(props) {
    const { h, fill, symbol } = vigie.draw;
    const { useEffect, useRef, useState } = window.React;
    const dialog = useRef(null);
    const [rows, setRows] = useState([]);
    useEffect(() => {
      openHelp = () => {
        setRows(listed());
        dialog.current.showModal();
        return true;
      };
      return () => (openHelp = () => false);
    }, []);
    const words = props.labels.keys;
    const close = () => dialog.current.close();
    return h("dialog", { id: props.id, ref: dialog, className: "keys", "aria-label": words.title }, [
      h("div", { key: "head", className: "keys-head" }, [
        h("h2", { key: "title" }, words.title),
        h("button", { key: "close", type: "button", className: "keys-close", "aria-label": words.close, onClick: close }, symbol("icon", "close", 16)),
      ]),
      h("dl", { key: "rows", className: "keys-rows" }, rows.map(({ key, shown, label, n }) =>
        h("div", { key }, [h("dt", { key: "key" }, h("kbd", null, shown || key.toUpperCase())), h("dd", { key: "what" }, fill(words[label], { n }))])
      )),
    ]);
  };
})();
