// The dialogs of acts on alarms: which fields each has, and what it sends. Nothing is done before the server said so;
// an error stands at its field, and what was typed is kept until it was taken, also when the dialog was closed.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const HOUR = 3600;
  const SHELVES = [900, 1800, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 24 * HOUR, 72 * HOUR];
  const DISABLINGS = [24 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR];

  // --- the city's own clock ------------------------------------------------------------------------------------

  // "2026-03-29T14:05" as the clocks of the city show it, and back.
  function localText(seconds, zone) {
    const options = { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false };
    return new Intl.DateTimeFormat("sv-SE", options).format(new Date(seconds * 1000)).replace(" ", "T");
  }

  function epochOf(text, zone) {
    const wanted = Date.parse(`${text}Z`) / 1000;
    if (!Number.isFinite(wanted)) return null;
    const shift = (at) => Date.parse(`${localText(at, zone)}Z`) / 1000 - at;
    // Twice: the first guess may lie on the other side of a change of clocks.
    const first = wanted - shift(wanted);
    return wanted - shift(first);
  }

  // --- fields --------------------------------------------------------------------------------------------------

  const text = (name, most, more = {}) => ({ name, kind: "text", most, needed: true, ...more });
  const reason = text("reason", 500, { rows: 2 });

  function shelveField(sheet) {
    const most = sheet.max_shelve_s;
    const lengths = SHELVES.filter((one) => one < most).slice(-6).concat(most);
    return { name: "for_s", kind: "length", lengths, first: lengths.includes(HOUR) ? HOUR : lengths[0], answers: "until" };
  }

  // Works that were announced for the same equipment: a window of theirs needs no other order.
  async function worksFor(sheet) {
    const { works } = await vigie.alarmDoors.ask("windows.json");
    const here = works.filter(({ asset, area }) => (asset ? asset === sheet.row.asset : !area));
    return here.map(({ id, title, author }) => ({ value: String(id), label: `${title} · ${author}` }));
  }

  const window_ = (now) => [
    { name: "from", kind: "instant", first: null, hint: "from_hint" },
    { name: "until", kind: "instant", first: now + 4 * HOUR, needed: true },
    reason,
  ];

  // What an act asks for: `fields`, and the `body` it sends of what was typed.
  const FORMS = {
    comment: (sheet) => ({ fields: [text("text", 4000, { rows: 4 })], body: (typed) => ({ id: sheet.row.id, text: typed.text }) }),
    confirm: (sheet) => ({ fields: [text("action", 500, { rows: 3 })], body: (typed) => ({ id: sheet.row.id, action: typed.action }) }),
    acknowledge: ({ row }) => ({
      fields: [],
      body: () => ({ alarms: [{ id: row.id, activations: row.activations }] }),
      taken: (done) => done.rows.length > 0,
    }),
    reset: (sheet) => ({ fields: [], body: () => ({ id: sheet.row.id }) }),
    ungroup: (sheet) => ({ fields: [], body: () => ({ id: sheet.row.id }) }),
    rate: (sheet) => ({
      fields: [text("text", 500, { rows: 3, needed: false })],
      body: (typed) => ({ id: sheet.row.id, useless: true, text: typed.text }),
    }),
    shelve: (sheet) => ({
      fields: [shelveField(sheet), reason, { name: "ends_when", kind: "check" }],
      body: (typed) => ({ id: sheet.row.id, for_s: typed.for_s, reason: typed.reason, ends_when: typed.ends_when ? "severity" : "" }),
    }),
    assign: (sheet) => ({
      fields: [{ name: "person", kind: "choice", read: () => peopleOf(sheet), nobody: true }],
      body: (typed) => ({ id: sheet.row.id, person: typed.person ? Number(typed.person) : null }),
    }),
    group: (sheet) => ({
      fields: [{ name: "cause", kind: "choice", read: () => causesFor(sheet), needed: true }],
      body: (typed) => ({ ids: [sheet.row.id], cause: Number(typed.cause) }),
    }),
    out_of_service: (sheet, now, zone) => ({
      fields: [
        ...window_(now),
        { name: "annotation", kind: "choice", read: () => worksFor(sheet), nobody: true },
        text("reference", 120, { needed: (typed) => !typed.annotation, hint: "reference_hint" }),
        { name: "with_children", kind: "check", first: true },
      ],
      body: (typed) => ({
        asset: sheet.row.asset, from: typed.from ? epochOf(typed.from, zone) : null, until: epochOf(typed.until, zone),
        reason: typed.reason, reference: typed.reference || "", with_children: typed.with_children,
        annotation: typed.annotation ? Number(typed.annotation) : null,
      }),
    }),
    ask_disabling: (sheet) => ({
      fields: [{ name: "for_s", kind: "length", lengths: DISABLINGS, first: DISABLINGS[0], answers: "until" }, reason],
      body: (typed) => ({ class: sheet.row.class, asset: sheet.row.asset, for_s: typed.for_s, reason: typed.reason }),
    }),
    // A hiding lifted or agreed to: what it is stands in the dialog, there is nothing to fill in.
    lift: ({ hiding }) => ({ fields: [], body: () => ({ hiding: hiding.id }) }),
    // A window planned on its own page: for equipment or a part of the city, from planned works or not.
    plan: ({ works, areas, domains }, now, zone) => ({
      fields: [
        { name: "asset", kind: "text", most: 200, hint: "asset_hint", first: works ? works.asset : "" },
        { name: "with_children", kind: "check", first: true },
        { name: "area", kind: "choice", options: areas, nobody: true, first: works && works.area ? String(works.area) : "" },
        { name: "domain", kind: "choice", options: domains, nobody: true },
        { name: "from", kind: "instant", first: works && works.from > now ? works.from : null, hint: "from_hint" },
        { name: "until", kind: "instant", first: works ? works.until : now + 4 * HOUR, needed: true },
        { ...reason, first: works ? works.title : "" },
        ...(works ? [] : [text("reference", 120)]),
      ],
      body: (typed) => ({
        asset: typed.asset || "", area: typed.area ? Number(typed.area) : null, domain: typed.domain || "",
        with_children: Boolean(typed.asset && typed.with_children),
        from: typed.from ? epochOf(typed.from, zone) : null, until: epochOf(typed.until, zone),
        reason: typed.reason, reference: typed.reference || "", annotation: works ? works.id : null,
      }),
    }),
  };
  const DOORS = { plan: "out_of_service" };

  async function peopleOf(sheet) {
    const { people } = await vigie.alarmDoors.ask(`${sheet.row.id}/people.json`);
    return people.map(({ id, name, role }) => ({ value: String(id), label: name, role }));
  }

  async function causesFor(sheet) {
    const { rows } = await vigie.alarmDoors.ask("list.json", { limit: 200 });
    return rows.filter(({ id }) => id !== sheet.row.id).map(({ id, name, area, title }) => ({ value: String(id), label: `${name || area} · ${title}` }));
  }

  const drafts = new Map();

  // What a form begins with: what was typed and not taken, else its first values.
  function begun(key, fields, zone) {
    if (drafts.has(key)) return drafts.get(key);
    return Object.fromEntries(fields.map(({ name, kind, first }) => {
      if (kind === "instant") return [name, first ? localText(first, zone) : ""];
      return [name, first === undefined ? (kind === "check" ? false : "") : first];
    }));
  }

  // Why what was typed cannot be sent yet, by field; the server says the rest.
  function lacking(fields, typed, words) {
    return Object.fromEntries(
      fields.filter((field) => isNeeded(field, typed) && !String(typed[field.name] || "").trim())
        .map(({ name }) => [name, words[`needed_${name}`] || words.needed])
    );
  }

  // Some fields are needed only while another is empty.
  function isNeeded({ needed }, typed) {
    return typeof needed === "function" ? needed(typed) : Boolean(needed);
  }

  // Where an error of the server belongs: a field of the form, else its foot.
  function placed(error, fields, words) {
    if (!error.status) return { "": words.no_answer };
    const told = error.told && error.told.field;
    const field = fields.find(({ name, answers }) => name === told || (told && answers === told));
    return { [field ? field.name : ""]: error.message };
  }

  vigie.alarmForms = {
    make: (verb, subject, zone) => FORMS[verb](subject, vigie.live.now() || Date.now() / 1000, zone),
    send: (verb, body) => vigie.alarmDoors.act(DOORS[verb] || verb, body),
    begun, lacking, isNeeded, placed, drafts, localText, epochOf,
  };
})();
