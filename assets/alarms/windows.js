// vigie.AlarmWindows: works announced that have no window yet, windows running and to come, and those just over.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill } = vigie.draw;
  const HEADS = ["thing", "why", "from", "until", "who", "acts"];

  const supervises = (own) => (own.props.acts || "").split(" ").includes("alarm_supervise");
  const at = (seconds, own) => vigie.alarmWhen(seconds, own.props);
  const thing = (one) => (one.asset ? h("a", { href: `/?asset=${encodeURIComponent(one.asset)}` }, one.name || one.asset) : one.name);

  function plan(own, works) {
    own.open({
      form: "plan", verb: "plan", subject: { works, areas: own.props.areas, domains: own.props.domains },
      what: works ? `${works.title} · ${works.name || own.words.whole_city}` : own.words.plan_what, key: `plan ${works ? works.id : "new"}`,
    });
  }

  function works(own, found) {
    if (!found.length) return null;
    return h("section", { key: "works", className: "alarm-part" }, [
      h("h3", { key: "t" }, own.words.works),
      h("ul", { key: "all", className: "works-list" }, found.map((one) => h("li", { key: one.id }, [
        h("div", { key: "what" }, [
          h("div", { key: "t", className: "cell-first" }, one.title),
          h("div", { key: "p", className: "cell-second" }, `${one.name || own.words.whole_city} · ${at(one.from, own)} – ${at(one.until, own)} · ${one.author}`),
        ]),
        supervises(own) ? h("button", { key: "do", type: "button", className: "button", "aria-label": `${own.words.from_works} · ${one.title}`, onClick: () => plan(own, one) }, own.words.from_works) : null,
      ]))),
    ]);
  }

  function row(one, own) {
    const { words } = own;
    const ended = one.ended_at && one.ended_at < one.until;
    const cells = {
      thing: [h("div", { key: "t", className: "cell-first" }, thing(one)), one.with_children ? h("div", { key: "c", className: "cell-second" }, words.with_children) : null],
      why: [h("div", { key: "r" }, one.reason), h("div", { key: "ref", className: "cell-second" }, one.works || one.reference)],
      from: at(one.from, own),
      until: [h("div", { key: "u" }, at(ended ? one.ended_at : one.until, own)), ended ? h("div", { key: "e", className: "cell-second" }, fill(words.ended_by, { who: one.ended_by })) : null],
      who: one.made_by,
      acts: one.standing !== "past" && supervises(own)
        ? h("button", {
          type: "button", className: "button", "aria-label": `${words.end} · ${one.name}`,
          onClick: () => own.open({ form: "lift", verb: "in_service", subject: { hiding: one }, what: `${one.name} · ${one.reason}`, key: `in_service ${one.id}` }),
        }, words.end)
        : null,
    };
    return h("tr", { key: one.id }, HEADS.map((name) => h("td", { key: name, className: `col-${name}`, "data-label": words[`head_${name}`] }, cells[name])));
  }

  function part(name, rows, own) {
    if (!rows.length) return null;
    return h("section", { key: name, className: `alarm-part part-${name}` }, [
      h("h3", { key: "t" }, own.words[name]),
      h("table", { key: "table", className: "alarm-table windows-table" }, [
        h("caption", { key: "cap", className: "unseen" }, own.words[name]),
        h("thead", { key: "head" }, h("tr", null, HEADS.map((head) => h("th", { key: head, scope: "col" }, own.words[`head_${head}`])))),
        h("tbody", { key: "rows" }, rows.map((one) => row(one, own))),
      ]),
    ]);
  }

  vigie.AlarmWindows = function AlarmWindows(props) {
    const { useState } = window.React;
    const [found, again] = vigie.useAlarmDoor("windows.json");
    const [told, setTold] = useState("");
    const words = props.labels.windows;
    const [open, drawn] = vigie.useAlarmForm(props, (was) => {
      setTold(fill(words.said_done, { act: props.labels.form[`title_${was.verb}`], what: was.what }));
      again();
    });
    const own = { props, words, open };
    const windows = found.told ? found.told.windows : [];
    const waiting = found.told ? found.told.works : [];
    return h("section", { id: props.id, className: "alarm-page", "aria-label": words.title }, [
      h("header", { key: "head", className: "people-head" }, [
        h("div", { key: "t" }, [h("h2", { key: "t" }, words.title), h("p", { key: "p", className: "quiet" }, words.about)]),
        supervises(own) ? h("button", { key: "do", type: "button", className: "button primary", onClick: () => plan(own, null) }, words.plan) : null,
      ]),
      found.state === "away" ? h("p", { key: "away", className: "alarm-away", role: "status" }, words.away) : null,
      found.state === "loading" ? vigie.alarmCard("loading", words.loading) : null,
      found.state === "ready" && !windows.length && !waiting.length ? vigie.alarmCard("empty", words.none, words.none_body) : null,
      part("running", windows.filter(({ standing }) => standing === "running"), own),
      works(own, waiting),
      part("planned", windows.filter(({ standing }) => standing === "planned"), own),
      part("past", windows.filter(({ standing }) => standing === "past"), own),
      h("p", { key: "told", className: "unseen", role: "status" }, told),
      drawn,
    ]);
  };
})();
