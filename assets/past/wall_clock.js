// A city's wall clock and instants, both ways: the browser's own zone plays no part.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  const DAY = 86400;
  const formats = new Map();

  function parts(seconds, zone) {
    if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...PARTS }));
    return Object.fromEntries(formats.get(zone).formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, value]));
  }

  // Seconds the wall clock is ahead of UTC at an instant.
  function ahead(seconds, zone) {
    const p = parts(seconds, zone);
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) / 1000 - Math.floor(seconds);
  }

  const wall = (vigie.wall = {
    parts,

    // 2026-11-22T21:40:05, as a datetime-local field takes it.
    field(seconds, zone) {
      const p = parts(seconds, zone);
      return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}:${p.second}`;
    },

    // The instants at which the city's clocks show such a text, earliest first: two in the hour that comes twice;
    // of an hour that is left out, the one the clocks showed instead.
    instants(text, zone) {
      const bare = Date.parse(`${text}Z`) / 1000;
      if (Number.isNaN(bare)) return [];
      const offsets = [...new Set([ahead(bare - DAY, zone), ahead(bare + DAY, zone)])];
      const found = offsets.map((offset) => bare - offset).filter((at) => ahead(at, zone) === bare - at);
      return found.length ? found.sort((a, b) => a - b) : [bare - offsets[0]];
    },

    // The first of them, or null.
    instant(text, zone) {
      const [first] = wall.instants(text, zone);
      return first === undefined ? null : first;
    },

    hour: (seconds, zone) => Number(parts(seconds, zone).hour),

    // The local midnight a local day began with.
    dayStart(seconds, zone) {
      const p = parts(seconds, zone);
      return wall.instant(`${p.year}-${p.month}-${p.day}T00:00:00`, zone);
    },

    // Local days since 1970, whatever their length.
    dayNumber(seconds, zone) {
      const p = parts(seconds, zone);
      return Math.round(Date.UTC(p.year, p.month - 1, p.day) / (DAY * 1000));
    },
  });
})();
