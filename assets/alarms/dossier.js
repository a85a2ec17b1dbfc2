// vigie.AlarmDossier: everything within 200 m and 30 minutes of the beginning of an alarm, ranked, as a table with a
// small picture of when and how far. Each finding leads to its equipment and to its instant.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, number, symbol, classes } = vigie.draw;
  const WIDE = 640;
  const HIGH = 120;

  const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const pastOf = (one) => `/history?at=${iso(one.at)}${one.asset ? `&asset=${encodeURIComponent(one.asset)}` : ""}`;

  function useDossier(id) {
    const { useEffect, useState } = window.React;
    const [found, setFound] = useState({ state: "loading" });
    useEffect(() => {
      let gone = false;
      vigie.alarmDoors.ask(`${id}/dossier.json`)
        .then((told) => gone || setFound({ state: "ready", told }))
        .catch((error) => gone || setFound({ state: error.status ? "refused" : "away", why: error.message }));
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
      cell("kind", words[`kind_${one.kind}`] || one.kind),
      cell("thing", one.asset ? h("a", { href: `/?asset=${encodeURIComponent(one.asset)}`, "data-asset": one.asset, onClick: own.close }, one.name || one.asset) : one.name),
      cell("what", what(one, own)),
      cell("distance", `${number(Math.round(one.distance_m), language)} m`),
      cell("when", offset(one, own)),
      cell("past", h("a", { href: pastOf(one), "aria-label": fill(words.past_of, { name: one.name || one.text }) }, words.past)),
    ]);
  }

  function body(found, own) {
    const { words } = own;
    if (found.state === "loading") return h("p", { key: "body", role: "status" }, words.loading);
    if (found.state !== "ready") return h("p", { key: "body", role: "alert", className: "alarm-error" }, found.state === "away" ? words.away : found.why);
    const { told } = found;
    if (!told.found.length) return h("p", { key: "body", role: "status" }, words.none);
    return h("div", { key: "body", className: "dossier-body" }, [
      picture(told, words),
      h("div", { key: "scroll", className: "dossier-scroll", tabIndex: 0, role: "region", "aria-label": words.caption }, h("table", { className: "alarm-table" }, [
        h("caption", { key: "cap", className: "unseen" }, words.caption),
        h("thead", { key: "head" }, h("tr", null, ["kind", "thing", "what", "distance", "when", "past"].map((name) => h("th", { key: name, scope: "col" }, words[`head_${name}`])))),
        h("tbody", { key: "rows" }, told.found.map((one, at) => row(one, at, own))),
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
        h("button", { key: "close", type: "button", className: "button", onClick: own.close }, labels.form.close),
      ]),
      body(found, own),
    ]);
  };
})();
