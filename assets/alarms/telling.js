// What a row of the list says: when, what became of it, and who has it. Pure.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { fill, age, instant } = vigie.draw;
  const DAY_S = 86400;

  // C.V. for Claire Vidal: who is meant is known in the room, and the whole name is in the title.
  const initials = (name) => name.split(/[\s-]+/).filter(Boolean).map((part) => `${part[0].toUpperCase()}.`).join("");

  function since(row, { language, zone }, now) {
    const options = now !== null && now - row.raised > DAY_S ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" };
    return instant(row.raised, language, zone, options);
  }

  function duration(row, { labels }, now) {
    if (row.returned) return labels.list.over_short;
    return now === null ? "" : age(now - row.raised, labels.age);
  }

  const OPEN = { UNACK: "to_acknowledge", RTNUN: "over", LATCHED_UNACK: "over" };

  // What is to be done, or who has done it.
  function followUp(row, words) {
    if (OPEN[row.code]) return words[OPEN[row.code]];
    if (row.code === "LATCHED_ACKED") return words.to_reset;
    if (row.acknowledged) return fill(words.acknowledged, { who: initials(row.acknowledged_by) });
    return words.to_acknowledge;
  }

  // What else is to be known of it, shortest first in importance.
  function aside(row, words) {
    return [
      row.uncertain && words.uncertain,
      row.escalation > 0 && !row.acknowledged && words.escalated,
      row.assigned_to && fill(words.assigned, { who: row.assigned_to }),
      row.activations > 1 && fill(words.again, { count: row.activations }),
      row.cause_outside && words.outside,
    ].filter(Boolean).join(" · ");
  }

  const where = (row) => [row.street, row.name === row.area ? "" : row.area].filter(Boolean).join(" · ");

  vigie.alarmTelling = { initials, since, duration, followUp, aside, where };
})();
