// vigie.AlarmSheet: the selected alarm in the panel. What, since, what to do, who must respond, what explains it,
// its thread, and the acts of those who may. Read anew with every change the live link tells of.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, number, symbol, instant, useSecond, classes } = vigie.draw;
  const EVERY_MS = 1000;
  const AGAIN_MS = 2500;
  const SHOWN_MOST = 6;
  const KEYS = { acknowledge: "A", confirm: "R", shelve: "S", comment: "C", dossier: "D" };

  const nameOf = (row) => `${row.name || row.area} · ${row.title}`;
  const epoch = (told) => (typeof told === "number" ? told : Date.parse(told) / 1000);

  // --- reading -------------------------------------------------------------------------------------------------

  // The alarms of `asset`, and the sheet of `alarm` or of the most urgent of them.
  async function read(asset, alarm) {
    const { rows } = asset ? await vigie.alarmDoors.ask("of.json", { asset }) : { rows: [] };
    const id = alarm || (rows.length ? rows[0].id : null);
    if (!id) return { rows, sheet: null };
    return { rows, sheet: await vigie.alarmDoors.ask(`${id}.json`) };
  }

  function useSheet(asset, alarm) {
    const { useEffect, useRef, useState } = window.React;
    const [found, setFound] = useState({ rows: [], sheet: null, state: "none" });
    const again = useRef(() => {});
    useEffect(() => {
      let gone = false;
      let timer = null;
      let asked = 0;
      let newest = 0;
      const ask = async () => {
        timer = null;
        asked += 1;
        const mine = asked;
        // Two may be under way, and the one asked first answer last: what was asked later is the newer picture.
        const show = (make) => {
          if (gone || mine < newest) return;
          newest = mine;
          setFound(make);
        };
        try {
          const got = await read(asset, alarm);
          show({ ...got, state: "ready" });
        } catch (error) {
          show((old) => (error.status === 404 ? { rows: [], sheet: null, state: "gone" } : { ...old, state: "away" }));
          // Nothing need change for an answer to come after all.
          if (!gone && error.status !== 404) timer = timer || setTimeout(ask, AGAIN_MS);
        }
      };
      const soon = () => (timer = timer || setTimeout(ask, EVERY_MS));
      again.current = ask;
      if (!asset && !alarm) {
        setFound({ rows: [], sheet: null, state: "none" });
        return undefined;
      }
      // What is shown of another one is no picture of this one.
      setFound((old) => (old.sheet && (old.sheet.row.asset === asset || old.sheet.row.id === alarm) ? old : { rows: [], sheet: null, state: "loading" }));
      ask();
      const leave = vigie.live.subscribe((news) => (news.alarms || news.link) && soon());
      return () => {
        gone = true;
        clearTimeout(timer);
        leave();
      };
    }, [asset, alarm]);
    return [found, () => again.current()];
  }

  // --- what may be done ----------------------------------------------------------------------------------------

  // The acts that make sense of this alarm now, those in the row and those behind "more".
  function offered(sheet, may) {
    const { row } = sheet;
    const closed = row.code === "NORM";
    const latched = row.code.startsWith("LATCHED");
    const handles = may.includes("alarm");
    const near = [
      handles && !closed && !row.acknowledged && !row.hiding && "acknowledge",
      handles && row.acknowledged && !row.confirmed && "confirm",
      handles && latched && "reset",
      handles && !closed && !row.hiding && !sheet.never_shelved && "shelve",
      handles && row.hiding === "shelved" && "unshelve",
      handles && "comment",
      "dossier",
    ].filter(Boolean);
    const more = [
      handles && !closed && "assign",
      handles && !closed && !row.cause && "group",
      handles && !closed && row.cause && "ungroup",
      // Of one equipment: a class of a whole area is no button's to disable.
      handles && !closed && row.asset && sheet.never_shelved !== "highly_managed" && "ask_disabling",
      may.includes("alarm_supervise") && row.asset && "out_of_service",
      handles && "rate",
    ].filter(Boolean);
    return { near, more };
  }

  // The list names back what it holds, where one can read it; what it does not hold is named in a dialog.
  function acknowledgedInList(row) {
    const known = vigie.alarmKeys && vigie.alarmBook && vigie.alarmBook.find(row.id);
    return Boolean(known) && vigie.alarmKeys.acknowledge(known);
  }

  function doVerb(own, verb) {
    const { sheet } = own.found;
    if (verb === "acknowledge" && acknowledgedInList(sheet.row)) return undefined;
    if (verb === "dossier") return own.setDossier(sheet.row);
    if (verb === "shelve" && sheet.never_shelved) return own.setTold(own.words[sheet.never_shelved]);
    if (verb === "unshelve") {
      const hiding = sheet.hidings.find(({ kind }) => kind === "shelved");
      return hiding && own.open({ form: "lift", verb, subject: { hiding }, what: nameOf(sheet.row), key: `unshelve ${hiding.id}` });
    }
    return own.open({ verb, subject: sheet, what: nameOf(sheet.row), key: `${verb} ${sheet.row.id}` });
  }

  function acts(own) {
    const { near, more } = offered(own.found.sheet, own.props.acts || "");
    const { words } = own;
    const button = (verb, className) =>
      h("button", { key: verb, type: "button", className, "data-verb": verb, onClick: () => doVerb(own, verb) }, [
        h("span", { key: "text" }, words[`act_${verb}`]), KEYS[verb] ? h("kbd", { key: "key" }, KEYS[verb]) : null,
      ]);
    const main = ["acknowledge", "confirm", "reset"].find((verb) => near.includes(verb));
    return h("div", { key: "acts", className: "panel-actions alarm-acts", role: "group", "aria-label": words.acts }, [
      ...near.map((verb) => button(verb, classes("panel-action", verb === main && "primary"))),
      more.length ? h("details", { key: "more", className: "alarm-more" }, [
        h("summary", { key: "sum", className: "panel-action" }, words.more),
        h("div", { key: "list", className: "alarm-more-list" }, more.map((verb) => button(verb, "alarm-more-act"))),
      ]) : null,
    ]);
  }

  // --- drawing -------------------------------------------------------------------------------------------------

  function line(key, label, content, className) {
    return content ? h("div", { key, className: classes("alarm-line", className) }, [h("dt", { key: "t" }, label), h("dd", { key: "d" }, content)]) : null;
  }

  const linkTo = (row, text) =>
    row.asset ? h("a", { key: row.id, href: `/?asset=${encodeURIComponent(row.asset)}`, "data-asset": row.asset }, text) : h("span", { key: row.id }, text);

  function hidingLine(one, own) {
    const { words } = own;
    const values = { who: one.made_by, until: one.until ? vigie.alarmWhen(one.until, own.props) : "", reason: one.reason };
    return h("div", { key: one.id }, fill(one.waiting ? words.hidden_waiting : words[`hidden_${one.kind}`], values));
  }

  function facts(own) {
    const { words, labels, found: { sheet } } = own;
    const { row, consequences } = sheet;
    const named = consequences.slice(0, SHOWN_MOST).flatMap((one, at) => [at ? ", " : "", linkTo(one, one.name || one.area)]);
    const rest = row.consequences - Math.min(SHOWN_MOST, consequences.length);
    const responder = labels.responder[sheet.responder] || sheet.responder;
    return h("dl", { key: "facts", className: "alarm-facts" }, [
      line("action", words.action, sheet.action || words.no_action, sheet.action ? "alarm-action" : "quiet"),
      line("who", words.responder, row.assigned_to ? fill(words.responder_assigned, { responder, who: row.assigned_to }) : responder),
      line("cause", words.cause, sheet.cause ? linkTo(sheet.cause, nameOf(sheet.cause)) : row.cause_outside ? words.cause_outside : null),
      line("cons", words.consequences, row.consequences ? [h("b", { key: "n" }, number(row.consequences, own.props.language)), " · ", ...named, rest > 0 ? fill(words.and_more, { n: rest }) : ""] : null),
      line("done", words.confirmed, sheet.confirmed_action),
      line("escalates", words.escalates, sheet.escalates ? vigie.alarmWhen(sheet.escalates, own.props) : null),
      line("never", words.shelving, sheet.never_shelved && (own.props.acts || "").includes("alarm") ? words[sheet.never_shelved] : null),
      line("hidden", words.hidden, sheet.hidings.length ? sheet.hidings.map((one) => hidingLine(one, own)) : null),
    ]);
  }

  function event(one, own) {
    const { language, zone } = own.props;
    const old = vigie.live.now() - one.at > 20 * 3600;
    const shown = instant(one.at, language, zone, { ...(old ? { day: "numeric", month: "short" } : { second: "2-digit" }), hour: "2-digit", minute: "2-digit" });
    const until = one.details && one.details.until ? ` ${fill(own.words.until, { until: vigie.alarmWhen(epoch(one.details.until), own.props) })}` : "";
    const text = fill(own.labels.happening[one.kind] || one.kind, { who: one.actor }) + until;
    return h("li", { key: one.id, className: one.actor ? "by-person" : "by-system" }, [
      h("time", { key: "at", dateTime: new Date(one.at * 1000).toISOString() }, shown),
      h("span", { key: "what" }, text),
      one.text ? h("q", { key: "text" }, one.text) : null,
    ]);
  }

  function thread(own) {
    const { thread: events } = own.found.sheet;
    return h("section", { key: "thread", className: "alarm-thread", "aria-label": own.words.thread }, [
      h("h4", { key: "h" }, fill(own.words.thread_count, { n: events.length })),
      h("ol", { key: "all", tabIndex: 0, "aria-label": own.words.thread }, [...events].reverse().map((one) => event(one, own))),
    ]);
  }

  function head(own) {
    const { words, labels, found: { sheet: { row } } } = own;
    const now = vigie.live.now();
    const lasts = row.returned ? fill(words.lasted, { age: age(row.returned - row.raised, labels.age) }) : now === null ? "" : age(now - row.raised, labels.age);
    return h("header", { key: "head", className: "alarm-sheet-head" }, [
      symbol("priority", String(row.priority), 24, words[`priority_${row.priority}`]),
      h("div", { key: "what" }, [
        h("h3", { key: "t" }, [row.title, row.asset ? null : h("span", { key: "p", className: "quiet" }, ` ${row.name || row.area}`)]),
        h("p", { key: "since", className: "quiet" }, [fill(words.since, { at: vigie.alarmWhen(row.raised, own.props) }), ` · ${lasts}`,
          row.activations > 1 ? ` · ${fill(words.again, { n: row.activations })}` : "", row.uncertain ? ` · ${words.uncertain}` : ""]),
      ]),
      h("span", { key: "code", className: classes("alarm-code", `code-${row.code.toLowerCase()}`) }, fill(labels.code[row.code], { who: row.acknowledged_by })),
      // A phone shows the list first: the rest of the sheet comes when it is asked for.
      h("button", { key: "fold", type: "button", className: "alarm-fold", "aria-expanded": !own.folded, onClick: () => own.setFolded(!own.folded) },
        own.folded ? words.unfold : words.fold),
    ]);
  }

  // The other open alarms of the same equipment.
  function others(own) {
    const { rows, sheet } = own.found;
    if (rows.length < 2) return null;
    return h("div", { key: "others", className: "alarm-others", role: "group", "aria-label": own.words.others }, rows.map((row) =>
      h("button", { key: row.id, type: "button", "aria-pressed": row.id === sheet.row.id, onClick: () => own.choose(row.id) }, [
        symbol("priority", String(row.priority), 14), h("span", { key: "t" }, row.title),
      ])
    ));
  }

  // --- the component -------------------------------------------------------------------------------------------

  // A dialog the list asks for is of the row it names, which may not be the one shown yet.
  function useAsked(own) {
    const { useEffect } = window.React;
    const { asked } = own.props;
    useEffect(() => {
      if (!asked || !asked.id) return;
      const handles = (own.props.acts || "").split(" ").includes("alarm");
      if (!handles && asked.verb !== "dossier") return;
      const shown = own.found.sheet && own.found.sheet.row.id === asked.id ? own.found.sheet.row : null;
      // A dossier changes nothing: what is shown names it well enough, however late an answer would be.
      if (shown && asked.verb === "dossier") {
        own.setDossier(shown);
        return;
      }
      vigie.alarmDoors.ask(`${asked.id}.json`)
        .then((sheet) => doVerb({ ...own, found: { ...own.found, sheet } }, asked.verb))
        .catch((error) => own.setTold(error.status ? error.message : own.labels.form.no_answer));
    }, [asked && asked.n]);
  }

  let dossiers = 0;
  vigie.AlarmSheet = function AlarmSheet(props) {
    const { useEffect, useState } = window.React;
    useSecond();
    const [chosen, setChosen] = useState(null);
    const [dossier, setDossier] = useState(null);
    const [told, setTold] = useState("");
    const [folded, setFolded] = useState(true);
    useEffect(() => setChosen(null), [props.asset, props.alarm]);
    const [found, again] = useSheet(props.asset || null, chosen || props.alarm || null);
    const words = props.labels.sheet;
    const [open, drawn] = vigie.useAlarmForm(props, (was) => {
      setTold(fill(words.said_done, { act: props.labels.form[`title_${was.verb}`], what: was.what }));
      again();
      if (vigie.alarmBook) vigie.alarmBook.soon();
    });
    const openDossier = (row) => setDossier({ row, n: (dossiers += 1) });
    const own = { props, found, words: props.labels.sheet, labels: props.labels, open, setDossier: openDossier, setTold, folded, setFolded, choose: setChosen };
    useAsked(own);
    const shown = found.sheet ? found.sheet.row.id : null;
    useEffect(() => {
      if (shown && props.setProps) props.setProps({ shown: { id: shown, by_hand: shown === chosen } });
    }, [shown]);
    return h("div", { id: props.id, className: "alarm-sheet", "data-state": found.state }, [
      found.sheet ? h("section", { key: "sheet", className: classes("alarm-sheet-body", folded && "folded"), "aria-label": own.words.name }, [
        head(own), others(own), h("div", { key: "columns", className: "alarm-sheet-columns" }, [facts(own), thread(own)]), acts(own),
      ]) : null,
      found.state === "away" ? h("p", { key: "away", className: "alarm-away", role: "status" }, found.sheet ? own.words.away : own.words.away_first) : null,
      found.state === "gone" ? vigie.alarmCard("empty", own.words.gone, own.words.gone_body) : null,
      h("p", { key: "told", className: "unseen", role: "status" }, told),
      drawn,
      dossier ? h(vigie.AlarmDossier, {
        key: `dossier ${dossier.n}`, row: dossier.row, labels: props.labels, language: props.language, zone: props.zone,
        // One that is told late that it was closed closes no other that has been opened since.
        closed: () => setDossier((now) => (now && now.n === dossier.n ? null : now)),
      }) : null,
    ]);
  };

  const functions = (window.dash_clientside = window.dash_clientside || {});
  functions.vigie_alarms = {
    ...functions.vigie_alarms,
    sheet: (asset, alarm, asked) => [asset || null, alarm || null, asked || null],
    // Equipment that came with the address brings its alarm, and one that is chosen in the sheet is the one meant
    // from then on: the keys of the list act on what is shown.
    shown: (shown, current) => (shown && (shown.by_hand || !current) ? shown.id : functions.no_update),
  };
})();
