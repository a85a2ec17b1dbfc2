// What the list knows of the alarms: pages of rows as the server ranks them, its counts, and what was unfolded.
// Asked anew when the live link tells of a change, at most twice a second, whatever comes in.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PAGE = 100;
  const EVERY_MS = 500;
  const AWAY_MS = 2500;
  const ALSO_MS = 20000;
  const KEPT_MS = 400;
  const NO_FILTERS = { priorities: null, handling: null, text: "" };

  class Book {
    constructor() {
      this.pages = new Map();
      this.total = 0;
      this.head = null;
      this.state = "loading";
      this.readAt = null;
      this.version = 0;
      this.filters = { ...NO_FILTERS };
      this.behind = new Map();
      this.wanted = new Set([0]);
      this.listeners = new Set();
      this.others = [];
    }

    // Begin to ask; what the person left the list with comes first.
    async start() {
      if (this.started) return;
      this.started = true;
      vigie.live.start();
      vigie.live.subscribe((news) => (news.alarms || news.filters || news.geometry) && this.soon());
      setInterval(() => this.soon(), ALSO_MS);
      try {
        const { view } = await vigie.alarmDoors.ask("view.json");
        this.filters = { ...NO_FILTERS, priorities: view.priorities || null, handling: view.handling || null };
      } catch (error) {
        console.warn("vigie: no view of the alarm list:", error.message);
      }
      this.soon();
    }

    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    tell() {
      this.version += 1;
      for (const listener of this.listeners) listener();
    }

    // --- rows -------------------------------------------------------------------------------------------------

    // The row at place `at`; undefined where its page is still on its way.
    rowAt(at) {
      const page = this.pages.get(Math.floor(at / PAGE));
      return page && page[at % PAGE];
    }

    *rows() {
      for (const page of this.pages.values()) yield* page;
    }

    find(id) {
      for (const row of this.rows()) if (row.id === id) return row;
      for (const { rows } of this.behind.values()) {
        const found = (rows || []).find((row) => row.id === id);
        if (found) return found;
      }
      return null;
    }

    ofAsset(asset) {
      for (const row of this.rows()) if (row.asset === asset) return row;
      return null;
    }

    // Put an answer of the desk in place of what is shown of the same alarm, until the list comes.
    patch(row) {
      for (const rows of [...this.pages.values(), ...[...this.behind.values()].map((one) => one.rows || [])]) {
        const at = rows.findIndex((one) => one.id === row.id);
        if (at >= 0) rows[at] = { ...row, consequences: rows[at].consequences, worst: rows[at].worst };
      }
      this.tell();
    }

    // Rows from `first` to `last` are on screen: their pages are asked for where they lack.
    see(first, last) {
      this.wanted = new Set([0]);
      for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++) this.wanted.add(page);
      const lacking = [...this.wanted].filter((page) => page * PAGE < this.total && !this.pages.has(page));
    if (lacking.length && !this.filling) this._fill(lacking);
    }

    // --- filters ----------------------------------------------------------------------------------------------

    filter(news) {
      this.filters = { ...this.filters, ...news };
      this.tell();
      this.soon();
      clearTimeout(this.keeping);
      // Words looked for are of the moment: one who comes back to them tomorrow would miss what they hide.
      const { priorities, handling } = this.filters;
      this.keeping = setTimeout(() => {
        vigie.alarmDoors.act("keep_view", { view: { priorities, handling } }).catch((error) => console.warn("vigie: view not kept:", error.message));
      }, KEPT_MS);
    }

    get filtered() {
      const { priorities, handling, text } = this.filters;
      return Boolean(priorities || handling || text);
    }

    _query() {
      const { priorities, handling, text } = this.filters;
      const { domains, area } = vigie.live.filters;
      return {
        domains: domains ? domains.join(",") : null, area,
        priorities: priorities ? priorities.join(",") : null, handling, text, limit: PAGE,
      };
    }

    // --- asking -----------------------------------------------------------------------------------------------

    soon() {
      this.dirty = true;
      if (this.timer || this.asking) return;
      const wait = Math.max(0, (this.askedAt || -EVERY_MS) + EVERY_MS - performance.now());
      this.timer = setTimeout(() => this._ask(), wait);
    }

    async _ask() {
      this.timer = null;
      this.dirty = false;
      this.asking = true;
      this.askedAt = performance.now();
      const query = this._query();
      const pages = [...this.wanted];
      try {
        const found = await Promise.all(pages.map((page) => vigie.alarmDoors.ask("list.json", { ...query, offset: page * PAGE })));
        this._take(pages, found);
        await this._askBehind();
      } catch (error) {
        this._failed(error);
      }
      this.asking = false;
      if (this.dirty) this.soon();
    }

    // Rows the hand has scrolled to are asked for at once: they wait for no change.
    async _fill(pages) {
      this.filling = true;
      try {
        const found = await Promise.all(pages.map((page) => vigie.alarmDoors.ask("list.json", { ...this._query(), offset: page * PAGE })));
        pages.forEach((page, at) => this.pages.set(page, found[at].rows));
      } catch (error) {
        this._failed(error);
      }
      this.filling = false;
      this.tell();
    }

    _take(pages, found) {
      this._watchOthers(found);
      this.head = found[0];
      this.total = found[0].total;
      this.pages = new Map(pages.map((page, at) => [page, found[at].rows]));
      this.state = "ready";
      this.readAt = vigie.live.now();
      this.tell();
    }

    _failed(error) {
      console.warn("vigie: no alarm list:", error.message);
      this.state = error.status === 403 ? "refused" : "away";
      this.tell();
      clearTimeout(this.again);
      this.again = setTimeout(() => this.soon(), AWAY_MS);
    }

    // What somebody else has acknowledged since: told by name.
    _watchOthers(found) {
      const before = new Map([...this.rows()].map((row) => [row.id, row]));
      this.others = found.flatMap(({ rows }) => rows).filter((row) => {
        const old = before.get(row.id);
        return old && !old.acknowledged && row.acknowledged;
      });
    }

    // --- consequences -----------------------------------------------------------------------------------------

    fold(id) {
      if (this.behind.delete(id)) this.tell();
    }

    async unfold(id) {
      if (this.behind.has(id)) return;
      this.behind.set(id, { rows: null, n: 0 });
      this.tell();
      await this._askBehind();
    }

    async _askBehind() {
      const now = this.head ? this.head.n : 0;
      for (const [id, one] of [...this.behind]) {
        if (one.rows && one.n === now) continue;
        try {
          const sheet = await vigie.alarmDoors.ask(`${id}.json`);
          if (this.behind.has(id)) this.behind.set(id, { rows: sheet.consequences, n: now });
        } catch (error) {
          this.behind.delete(id);
          console.warn("vigie: no consequences:", error.message);
        }
        this.tell();
      }
    }
  }

  vigie.AlarmBook = Book;
  vigie.alarmBook = new Book();
})();
