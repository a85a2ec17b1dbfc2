// Which rows are drawn: those in sight and a few around, of a list of any length. Pure.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const AROUND = 8;
  const DRAWN_MOST = 180;

  // Every line of the list in order: causes, and under those unfolded what they explain. `openId` is the row that is
  // taller by `extra` px, if any.
  function lines(book, words, { row, extra, openId }) {
    const out = [];
    let top = 0;
    const push = (line) => {
      const open = line.row && line.row.id === openId;
      out.push({ ...line, at: out.length, top, open });
      top += row + (open ? extra : 0);
    };
    for (let at = 0; at < book.total; at++) {
      const cause = book.rowAt(at);
      push({ key: cause ? cause.id : `at-${at}`, row: cause, level: 1, place: at });
      const behind = cause && book.behind.get(cause.id);
      if (behind) pushBehind(push, cause, behind, words);
    }
    return { lines: out, height: top };
  }

  function pushBehind(push, cause, behind, words) {
    if (!behind.rows) {
      push({ key: `of-${cause.id}`, level: 2, text: words.unfolding });
      return;
    }
    for (const row of behind.rows) push({ key: `${cause.id}-${row.id}`, row, level: 2 });
    const more = cause.consequences - behind.rows.length;
    if (more > 0) push({ key: `more-${cause.id}`, level: 2, text: vigie.draw.fill(words.behind_more, { count: more }) });
  }

  // The lines in sight of a box `height` px high scrolled to `top`.
  function inSight(all, top, height, row) {
    const first = Math.max(0, lineAt(all, top, row) - AROUND);
    const last = Math.min(all.length, first + Math.min(DRAWN_MOST, Math.ceil(height / row) + 2 * AROUND + 1));
    return all.slice(first, last);
  }

  // No line is lower than its place times the least height.
  function lineAt(all, top, row) {
    let at = Math.min(all.length - 1, Math.floor(top / row));
    while (at > 0 && all[at].top > top) at -= 1;
    return Math.max(0, at);
  }

  vigie.alarmWindow = { lines, inSight, DRAWN_MOST };
})();
