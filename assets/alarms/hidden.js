// vigie.AlarmsHidden: what is hidden now, oldest first, so that nobody forgets it: by whom, why, until when, how many
// alarms stand behind it; lifted or agreed to from here.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, number, useSecond } = vigie.draw;
  const EVERY_MS = 1000;
  const ALSO_MS = 20000;
  const HEADS = ["age", "what", "why", "who", "until", "alarms", "acts"];
  const LIFT = { shelved: "unshelve", out_of_service: "in_service", disabled: "enable" };

  // What the door `path` answers, asked anew when the alarms change; `again` asks at once.
  vigie.useAlarmDoor = function useAlarmDoor(path) {
    const { useEffect, useRef, useState } = window.React;
    const [found, setFound] = useState({ state: "loading", told: null });
    const again = useRef(() => {});
    useEffect(() => {
      let timer = null;
      const ask = async () => {
        timer = null;
        try {
          const told = await vigie.alarmDoors.ask(path);
          setFound({ state: "ready", told });
        } catch (error) {
          // What was read stays, and is said to be old.
          setFound((old) => ({ ...old, state: error.status === 403 ? "refused" : "away" }));
        }
      };
      again.current = ask;
      ask();
      vigie.live.start();
      const leave = vigie.live.subscribe((news) => {
        if (news.alarms) timer = timer || setTimeout(ask, EVERY_MS);
      });
      const regularly = setInterval(ask, ALSO_MS);
      return () => {
        leave();
        clearInterval(regularly);
        clearTimeout(timer);
      };
    }, [path]);
    return [found, () => again.current()];
  };

  vigie.alarmCard = (kind, title, body) =>
    h("div", { key: "card", className: `state-card state-${kind}`, role: "status" }, [h("h3", { key: "t" }, title), body ? h("p", { key: "b" }, body) : null]);

  function thing(row) {
    const name = row.name || row.area;
    if (!row.asset) return name;
    return h("a", { href: `/?asset=${encodeURIComponent(row.asset)}` }, name);
  }

  // Which acts stand at a row: lifting, agreeing to a disabling, withdrawing one that waits.
  function actsOf(row, own) {
    const may = (own.props.acts || "").split(" ");
    if (row.kind === "suppressed") return [];
    const supervises = may.includes("alarm_supervise");
    const seconding = row.waiting && supervises && row.made_by !== own.props.me ? ["second_disabling"] : [];
    const lifts = row.kind === "out_of_service" ? supervises : may.includes("alarm");
    return [...seconding, ...(lifts ? [LIFT[row.kind]] : [])];
  }

  const label = (row, verb, words) => (row.waiting && verb === "enable" ? words.withdraw : words[verb]);

  function what(row, own) {
    const { words } = own;
    const kind = row.waiting ? words.kind_waiting : words[`kind_${row.kind}`];
    return [
      h("div", { key: "thing", className: "cell-first" }, [thing(row), row.title ? h("span", { key: "t" }, ` · ${row.title}`) : null]),
      h("div", { key: "kind", className: "cell-second" }, [kind, row.with_children ? ` · ${words.with_children}` : ""]),
    ];
  }

  function until(row, own) {
    if (!row.until) return own.words.until_cause;
    const left = row.until - vigie.live.now();
    return [h("div", { key: "at" }, vigie.alarmWhen(row.until, own.props)),
      h("div", { key: "left", className: "cell-second" }, left > 0 ? fill(own.words.left, { age: age(left, own.props.labels.age) }) : "")];
  }

  function draw(row, own) {
    const { words, props } = own;
    const now = vigie.live.now();
    const begun = now === null || row.from <= now;
    const cells = {
      age: begun ? age(now === null ? null : now - row.from, props.labels.age) : words.planned,
      what: what(row, own),
      why: [row.reason || (row.kind === "suppressed" ? words.why_cause : "–"), row.reference ? h("div", { key: "ref", className: "cell-second" }, row.reference) : null],
      who: [row.made_by || words.network, row.seconded_by ? h("div", { key: "second", className: "cell-second" }, fill(words.seconded, { who: row.seconded_by })) : null],
      until: until(row, own),
      alarms: number(row.alarms, props.language),
      acts: actsOf(row, own).map((verb) =>
        h("button", {
          key: verb, type: "button", className: "button", "aria-label": `${label(row, verb, words)} · ${row.name || row.area || row.title}`,
          onClick: () => own.open({ form: "lift", verb, subject: { hiding: row }, what: [row.name || row.area, row.title, row.reason].filter(Boolean).join(" · "), key: `${verb} ${row.id}` }),
        }, label(row, verb, words))),
    };
    return h("tr", { key: `${row.kind} ${row.id}`, className: `hidden-${row.kind}` }, HEADS.map((name) =>
      h("td", { key: name, className: `col-${name}`, "data-label": words[`head_${name}`] }, cells[name])));
  }

  function table(rows, own) {
    const { words } = own;
    return h("table", { key: "table", className: "alarm-table hidden-table" }, [
      h("caption", { key: "cap", className: "unseen" }, words.caption),
      h("thead", { key: "head" }, h("tr", null, HEADS.map((name) => h("th", { key: name, scope: "col" }, words[`head_${name}`])))),
      h("tbody", { key: "rows" }, rows.map((row) => draw(row, own))),
    ]);
  }

  // The alarms people hide are what the list's "Hidden" counts; consequences of a cause are named apart.
  function counted(rows, { words, props }) {
    const told = (some, text) =>
      fill(text, { n: number(some.length, props.language), alarms: number(some.reduce((sum, row) => sum + row.alarms, 0), props.language) });
    const byPeople = rows.filter(({ kind }) => kind !== "suppressed");
    const byCause = rows.filter(({ kind }) => kind === "suppressed");
    return [told(byPeople, words.count), byCause.length ? told(byCause, words.count_causes) : "", words.oldest].filter(Boolean).join(" ");
  }

  vigie.AlarmsHidden = function AlarmsHidden(props) {
    const { useState } = window.React;
    useSecond();
    const [found, again] = vigie.useAlarmDoor("hidden.json");
    const [told, setTold] = useState("");
    const words = props.labels.hidden;
    const [open, drawn] = vigie.useAlarmForm(props, (was) => {
      setTold(fill(words.said_done, { act: props.labels.form[`title_${was.verb}`], what: was.what }));
      again();
    });
    const own = { props, words, open };
    const rows = found.told ? found.told.rows : [];
    return h("section", { id: props.id, className: "alarm-page", "aria-label": words.title }, [
      h("header", { key: "head", className: "people-head" }, h("div", null, [
        h("h2", { key: "t" }, words.title),
        h("p", { key: "n", className: "quiet" }, found.told ? counted(rows, own) : ""),
      ])),
      found.state === "away" ? h("p", { key: "away", className: "alarm-away", role: "status" }, words.away) : null,
      found.state === "loading" ? vigie.alarmCard("loading", words.loading) : null,
      found.state === "ready" && !rows.length ? vigie.alarmCard("empty", words.none, words.none_body) : null,
      rows.length ? table(rows, own) : null,
      h("p", { key: "told", className: "unseen", role: "status" }, told),
      drawn,
    ]);
  };
})();
