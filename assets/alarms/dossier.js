// vigie.AlarmDossier: everything within 200 m and 30 minutes of the beginning of an alarm, ranked, as a table with a
// plan of where and a small picture of when and how far. Each finding leads to its equipment and to its instant. It
// opens over the room, and stands at an address of its own (vigie.AlarmDossierPage), to be sent and printed.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, number, symbol, classes } = vigie.draw;
  const WIDE = 640;
  const HIGH = 120;

  const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  // What is simply there, as a camera, leads to the beginning of the alarm.
  const pastOf = (one, alarm) => `/history?at=${iso(one.at || alarm.raised)}${one.asset ? `&asset=${encodeURIComponent(one.asset)}` : ""}`;

  const STATES = { 404: "gone", 503: "away" };
  const addressOf = (alarm) => `/alarms/dossier?alarm=${alarm.id}`;

  function useDossier(id) {
    const { useEffect, useState } = window.React;
    const [found, setFound] = useState({ state: "loading" });
    useEffect(() => {
      let gone = false;
      if (!id) {
        setFound({ state: "nothing" });
        return undefined;
      }
      vigie.alarmDoors.ask(`${id}/dossier.json`)
        .then((told) => gone || setFound({ state: "ready", told }))
        .catch((error) => gone || setFound({ state: STATES[error.status] || (error.status ? "refused" : "away"), why: error.message }));
      return () => (gone = true);
    }, [id]);
    return found;
  }

  // When, from the beginning, across; how far, upwards. The beginning is the line in the middle.
  function picture(told, words) {
    const x = (one) => WIDE / 2 + (Math.max(-1, Math.min(1, one.after_s / told.span_s)) * (WIDE - 24)) / 2;
    const y = (one) => HIGH - 8 - (Math.min(1, one.distance_m / told.radius_m)) * (HIGH - 20);
    return h("figure", { key: "picture", className: "dossier-picture" }, [
      h("svg", { key: "svg", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": fill(words.picture, { n: told.found.length }) }, [
        h("line", { key: "zero", x1: WIDE / 2, x2: WIDE / 2, y1: 0, y2: HIGH, className: "dossier-zero" }),
        h("line", { key: "ground", x1: 0, x2: WIDE, y1: HIGH - 8, y2: HIGH - 8, className: "dossier-ground" }),
        ...told.found.map((one, at) => h("circle", { key: at, cx: x(one), cy: y(one), r: one.kind === "alarm" ? 5 : 3, className: `dossier-dot dot-${one.kind}` })),
      ]),
      h("figcaption", { key: "caption", className: "quiet" }, fill(words.picture_caption, { minutes: Math.round(told.span_s / 60), metres: Math.round(told.radius_m) })),
    ]);
  }

  function what(one, own) {
    if (one.kind === "alarm" && one.alarm) return [symbol("priority", String(one.alarm.priority), 16), " ", h("span", { key: "t" }, one.alarm.title)];
    if (one.kind === "change") return [own.labels.status[one.status] || one.status || "", one.text ? ` · ${one.text}` : ""];
    return one.text || own.words[`kind_${one.kind}`] || one.kind;
  }

  function offset(one, own) {
    if (Math.abs(one.after_s) < 1) return own.words.at_once;
    return fill(one.after_s < 0 ? own.words.before : own.words.after, { age: age(Math.abs(one.after_s), own.labels.age) });
  }

  function row(one, at, own) {
    const { words, language } = own;
    const cell = (key, content) => h("td", { key, "data-label": words[`head_${key}`] }, content);
    return h("tr", { key: at, className: `near-${one.kind}` }, [
      cell("rank", String(at + 1)),
      cell("kind", words[`kind_${one.kind}`] || one.kind),
      cell("thing", one.asset ? h("a", { href: `/?asset=${encodeURIComponent(one.asset)}`, "data-asset": one.asset, onClick: own.close }, one.name || one.asset) : one.name),
      cell("what", what(one, own)),
      cell("distance", `${number(Math.round(one.distance_m), language)} m`),
      cell("when", offset(one, own)),
      cell("past", h("a", { href: pastOf(one, own.alarm), "aria-label": fill(words.past_of, { name: one.name || one.text }) }, words.past)),
    ]);
  }

  function body(found, own) {
    const { words } = own;
    if (found.state === "nothing") return h("p", { key: "body", role: "alert", className: "alarm-error" }, words.nothing);
    if (found.state === "loading") return h("p", { key: "body", role: "status" }, words.loading);
    if (found.state === "gone") return h("p", { key: "body", role: "alert", className: "alarm-error" }, own.labels.sheet.gone);
    if (found.state !== "ready") return h("p", { key: "body", role: "alert", className: "alarm-error" }, found.state === "away" ? words.away : found.why);
    const { told } = found;
    if (!told.found.length) return h("p", { key: "body", role: "status" }, words.none);
    return h("div", { key: "body", className: "dossier-body" }, [
      h("div", { key: "pictures", className: "dossier-pictures" }, [vigie.dossierPlan(told, words), picture(told, words)]),
      h("div", { key: "scroll", className: "dossier-scroll", tabIndex: 0, role: "region", "aria-label": words.caption }, h("table", { className: "alarm-table" }, [
        h("caption", { key: "cap", className: "unseen" }, words.caption),
        h("thead", { key: "head" }, h("tr", null, ["rank", "kind", "thing", "what", "distance", "when", "past"].map((name) => h("th", { key: name, scope: "col" }, words[`head_${name}`])))),
        h("tbody", { key: "rows" }, told.found.map((one, at) => row(one, at, { ...own, alarm: told.alarm }))),
      ])),
      told.left_out ? h("p", { key: "more", className: "quiet" }, fill(words.left_out, { n: number(told.left_out, own.language) })) : null,
    ]);
  }

  vigie.AlarmDossier = function AlarmDossier({ row: alarm, labels, language, zone, closed }) {
    const { useEffect, useRef } = window.React;
    const dialog = useRef(null);
    const found = useDossier(alarm.id);
    useEffect(() => {
      if (!dialog.current.open) dialog.current.showModal();
    }, []);
    const own = { words: labels.dossier, labels, language, zone, close: () => dialog.current.close() };
    return h("dialog", { ref: dialog, className: classes("alarm-dialog", "dossier"), "aria-labelledby": "dossier-title", onClose: closed }, [
      h("header", { key: "head", className: "dossier-head" }, [
        h("div", { key: "t" }, [
          h("h2", { key: "h", id: "dossier-title" }, fill(own.words.title, { name: alarm.name || alarm.area })),
          h("p", { key: "p", className: "quiet" }, `${alarm.title} · ${vigie.alarmWhen(alarm.raised, { language, zone })}`),
        ]),
        h("div", { key: "ways", className: "dossier-ways" }, [
          h("a", { key: "page", className: "button", href: addressOf(alarm) }, own.words.as_page),
          h("button", { key: "close", type: "button", className: "button", onClick: own.close }, labels.form.close),
        ]),
      ]),
      body(found, own),
    ]);
  };

  // The dossier of the alarm the address names. Escape, as the button, leads back to the room (keyboard.js).
  vigie.AlarmDossierPage = function AlarmDossierPage(props) {
    const { labels, language, zone } = props;
    const found = useDossier(props.alarm || null);
    const own = { words: labels.dossier, labels, language, zone, close: () => undefined };
    const alarm = found.told && found.told.alarm;
    const back = alarm && alarm.asset ? `/?asset=${encodeURIComponent(alarm.asset)}` : "/";
    return h("section", { id: props.id, className: "alarm-page dossier dossier-page", "data-state": found.state, "aria-label": own.words.name }, [
      h("header", { key: "head", className: "dossier-head" }, [
        h("div", { key: "t" }, [
          h("h2", { key: "h" }, alarm ? fill(own.words.title, { name: alarm.name || alarm.area }) : own.words.name),
          alarm ? h("p", { key: "p", className: "quiet" }, `${alarm.title} · ${vigie.alarmWhen(alarm.raised, { language, zone })}`) : null,
        ]),
        h("div", { key: "ways", className: "dossier-ways" }, [
          h("a", { key: "back", className: "button dossier-back", href: back }, [own.words.back, " ", h("kbd", { key: "k" }, labels.dossier.back_key)]),
          found.state === "ready" ? h("button", { key: "print", type: "button", className: "button", onClick: () => window.print() }, own.words.print) : null,
        ]),
      ]),
      body(found, own),
    ]);
  };
})();
