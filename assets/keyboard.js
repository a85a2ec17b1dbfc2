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

  // The live room's list of alarms, wherever the focus is (alarms/alarm_list.js).
  const alarms = (act) => () => Boolean(vigie.alarmKeys) && act(vigie.alarmKeys) !== false;

  // Of the row in the list; of an alarm that is not on it, hidden or filtered away, by the button of its sheet.
  const onAlarm = (verb) => () => alarms((keys) => keys.ask(verb))() || press(`[data-verb="${verb}"]`);

  const hand = (act) => () => act(vigie) !== false;
  const inPast = () => Boolean(document.querySelector('[data-room="past"]'));

  // key (as typed), the word of the help in labels, what it does; `shown` is how the help writes the key, `room` the
  // only room it works in, `also` other keys for the same, `loose`: not where the key already means something.
  const KEYS = [
    { key: "/", label: "search", act: focusOn('[role="combobox"]') },
    { key: "v", label: "map", act: focusOn(".city-map canvas") },
    { key: "a", also: ["A"], room: "live", label: "acknowledge", act: alarms((keys) => keys.acknowledge()) },
    { key: "j", room: "live", shown: "J K ↑ ↓", label: "alarm_move", act: focusOn(".alarm-rows") },
    { key: "k", room: "live", unlisted: true, act: focusOn(".alarm-rows") },
    { key: "ArrowRight", room: "live", shown: "→ ←", label: "alarm_unfold", loose: true, act: () => false },
    { key: " ", room: "live", shown: "␣", label: "alarm_choose", loose: true, act: () => false },
    { key: "d", also: ["D"], room: "live", label: "alarm_dossier", act: onAlarm("dossier") },
    { key: "s", also: ["S"], room: "live", label: "alarm_shelve", act: onAlarm("shelve") },
    { key: "c", also: ["C"], room: "live", label: "alarm_comment", act: onAlarm("comment") },
    { key: "r", also: ["R"], room: "live", label: "alarm_confirm", act: () => press('[data-verb="confirm"]') },
    { key: "h", also: ["H"], room: "live", label: "alarm_hidden", act: alarms((keys) => keys.hidden()) },
    { key: "m", also: ["M"], room: "live", label: "alarm_mute", act: alarms((keys) => keys.mute()) },
    { key: "i", room: "past", label: "list_past", act: focusOn('[role="listbox"]') },
    { key: "f", label: "fit", act: eachMap((view) => view.fit()) },
    ...Array.from({ length: DOMAINS }, (_, at) => ({
      key: String(at + 1), label: "domain", n: at + 1, act: () => press(".domain", at),
    })),
    { key: "t", room: "live", label: "enter_past", act: () => Boolean(document.querySelector(".room")) && vigie.ways.enter() },
    { key: " ", also: ["k"], room: "past", shown: "␣ K", label: "play", loose: true, act: hand(({ player }) => player.toggle()) },
    { key: "j", room: "past", label: "slower", act: hand(({ clock }) => clock.faster(-1)) },
    { key: "l", room: "past", label: "faster", act: hand(({ clock }) => clock.faster(1)) },
    { key: "ArrowLeft", room: "past", shown: "← →", label: "step", act: hand((own) => own.hand.arrow(-1)) },
    { key: "ArrowRight", room: "past", unlisted: true, act: hand((own) => own.hand.arrow(1)) },
    // Brackets are no keys of their own on a French keyboard.
    { key: "[", also: [","], room: "past", shown: "[ ,", label: "before", act: hand((own) => own.hand.toChange(-1)) },
    { key: "]", also: [";", "."], room: "past", shown: "] ;", label: "after", act: hand((own) => own.hand.toChange(1)) },
    { key: "a", also: ["A"], room: "past", label: "flag_a", act: hand(({ clock }) => clock.flag("a")) },
    { key: "b", also: ["B"], room: "past", label: "flag_b", act: hand(({ clock }) => clock.flag("b")) },
    { key: "x", room: "past", label: "unflag", act: hand(({ clock }) => clock.unflag()) },
    { key: "-", room: "past", label: "wider", act: hand((own) => own.turnSpan(1)) },
    { key: "+", also: ["="], room: "past", label: "narrower", act: hand((own) => own.turnSpan(-1)) },
    { key: "g", room: "past", label: "type_instant", act: focusOn(".timeline-field") },
    { key: "s", room: "past", label: "share", act: () => press('[data-do="share"]') },
    { key: "e", room: "past", label: "bookmark", act: () => press('[data-do="bookmarks"]') },
    { key: "Enter", room: "past", shown: "↵", label: "open_live", loose: true, act: () => vigie.ways.leave() },
    { key: "p", room: "live", label: "past", act: () => press('a[href="/history"]') },
    { key: "o", label: "theme", act: switched("theme") },
    { key: "l", room: "live", label: "language", act: switched("language") },
    { key: "?", label: "help", act: () => openHelp() },
    { key: "Escape", room: "live", shown: "Esc", label: "clear", act: () => eachMap((view) => view.report.clear())() || press(".dossier-back") },
    // Told here, done in past/ways.js: it works from wherever the focus is.
    { key: "Escape", room: "past", shown: "Esc", label: "leave_past", act: () => false },
  ];

  // What a key must not be taken from: something that can be pressed answers to Space and Enter itself.
  const PRESSABLE = "button, a, summary, [role='option'], [role='listbox']";
  const here = ({ room }) => room === undefined || (room === "past") === inPast();
  const meant = (entry, { key, target }) =>
    (entry.key === key || (entry.also || []).includes(key)) && here(entry) && !(entry.loose && target.closest(PRESSABLE));

  let openHelp = () => false;

  // What was in a dialog that has just been closed has the focus a moment longer; nobody types there.
  function isTyping(target) {
    if (target.closest("dialog:not([open])")) return false;
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || Boolean(target.closest("dialog"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const found = KEYS.find((entry) => meant(entry, event));
    if (found && found.act()) event.preventDefault();
  });

  // What the help lists: of the domains only those the page has.
  function listed() {
    const domains = document.querySelectorAll(".domain").length;
    return KEYS.filter((entry) => here(entry) && !entry.unlisted && (entry.n === undefined || entry.n <= domains));
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
        h("div", { key: label + key }, [h("dt", { key: "key" }, h("kbd", null, shown || key.toUpperCase())), h("dd", { key: "what" }, fill(words[label], { n }))])
      )),
    ]);
  };
})();
