// Acknowledging: an alarm is named back first, and only what was named back is acknowledged. A row says that its
// act is under way until the server has answered, then what the server said.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { fill } = vigie.draw;
  const SAID_MS = 15000;
  const NAMED_MOST = 3;
  const ACTS_MOST = 200;

  // What is said when nothing can be done at all; null when acting is possible.
  function obstacle(words, may) {
    const { state } = vigie.live.link;
    if (!may) return words.why_role;
    if (state === "out" || (vigie.session && vigie.session.ended)) return words.why_out;
    return ["live", "database"].includes(state) ? null : words.why_cut;
  }

  const lowered = (text) => text.slice(0, 1).toLowerCase() + text.slice(1);
  const nameOf = (row) => `${row.name || row.area}, ${lowered(row.title)}`;

  class Acts {
    constructor(book) {
      this.book = book;
      this.named = null;
      this.pending = new Set();
      this.said = new Map();
      this.spoken = "";
      book.subscribe(() => this._check());
    }

    // --- naming back ------------------------------------------------------------------------------------------

    // Name `rows` back at row `at`; `words` are the list's, `may` whether her role acts.
    name(rows, at, words, may) {
      this.words = words;
      const stopped = obstacle(words, may);
      const open = rows.filter((row) => row && !row.acknowledged && !this.pending.has(row.id)).slice(0, ACTS_MOST);
      if (stopped || !open.length) {
        this._say([at], stopped || words.why_none, stopped ? "refused" : "none");
        return false;
      }
      this.named = { at, rows: open.map((row) => ({ id: row.id, activations: row.activations, name: nameOf(row) })) };
      this.said.delete(at);
      this._speak(`${this.question()} ${words.name_back_keys}`);
      return true;
    }

    question() {
      const { rows } = this.named;
      if (rows.length === 1) return fill(this.words.name_back, { what: rows[0].name });
      const names = rows.slice(0, NAMED_MOST).map((row) => row.name).join(" · ");
      const more = rows.length - NAMED_MOST;
      const what = more > 0 ? `${names} ${fill(this.words.and_more, { count: more })}` : names;
      return fill(this.words.name_back_many, { count: rows.length, what });
    }

    cancel() {
      if (!this.named) return false;
      this.named = null;
      this._speak("");
      return true;
    }

    // An alarm that is no more as it was named back must be read again.
    _check() {
      if (!this.named) return;
      for (const { id, activations } of this.named.rows) {
        const row = this.book.find(id);
        if (!row) continue;
        const again = row.activations !== activations;
        if (!again && !row.acknowledged) continue;
        const { at } = this.named;
        this.named = null;
        this._say([at], again ? fill(this.words.why_again, { count: row.activations }) : this._already(row.acknowledged_by, row.acknowledged, false), "refused");
        return;
      }
    }

    // --- acting -----------------------------------------------------------------------------------------------

    // Acknowledge what was named back; true when it is done.
    async confirm(words, may) {
      const { rows, at } = this.named;
      const stopped = obstacle(words, may);
      this.named = null;
      if (stopped) {
        this._say([at], stopped, "refused");
        return false;
      }
      for (const { id } of rows) this.pending.add(id);
      this.book.tell();
      try {
        const alarms = rows.map(({ id, activations }) => ({ id, activations }));
        const done = await vigie.alarmDoors.act("acknowledge", { alarms });
        this._release(rows);
        this._take(done, rows);
        return done.rows.length > 0;
      } catch (error) {
        this._release(rows);
        this._say(rows.map(({ id }) => id), error.status ? error.message : words.why_no_answer, "refused");
        return false;
      } finally {
        this.book.soon();
      }
    }

    _release(rows) {
      for (const { id } of rows) this.pending.delete(id);
    }

    _take(done, rows) {
      const { words } = this;
      for (const one of done.already) this._say([one.id], this._already(one.by, one.at, one.mine), "refused");
      for (const one of done.changed) {
        this._say([one.id], one.what === "closed" ? words.why_closed : fill(words.why_again, { count: one.activations }), "refused");
      }
      for (const row of done.rows) this.book.patch(row);
      if (done.rows.length) {
        const names = rows.filter(({ id }) => done.rows.some((row) => row.id === id)).map((row) => row.name);
        this._speak(names.slice(0, NAMED_MOST).map((what) => fill(words.said_done, { what })).join(" "));
      }
    }

    _already(who, at, mine) {
      const time = vigie.draw.timeOfDay(at, document.documentElement.lang, this.zone);
      return fill(mine ? this.words.why_mine : this.words.why_done, { who, time });
    }

    // --- saying -----------------------------------------------------------------------------------------------

    _say(ids, text, kind) {
      for (const id of ids) {
        this.said.set(id, { text, kind });
        setTimeout(() => this.said.get(id) && this.said.get(id).text === text && this.said.delete(id) && this.book.tell(), SAID_MS);
      }
      this._speak(text);
    }

    _speak(text) {
      this.spoken = text;
      this.book.tell();
    }
  }

  vigie.AlarmActs = Acts;
  vigie.alarmObstacle = obstacle;
})();
