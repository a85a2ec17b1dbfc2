// A city's wall clock and instants, both ways: the browser's own zone plays no part.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
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

  vigie.wall = {
    // 2026-11-22T21:40, as a datetime-local field takes it.
    field(seconds, zone) {
      const p = parts(seconds, zone);
      return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}`;
    },
    // The instant of such a text; of an hour that comes twice, the first.
    instant(text, zone) {
      const bare = Date.parse(`${text}Z`) / 1000;
      if (Number.isNaN(bare)) return null;
      const early = bare - ahead(bare - 86400, zone);
      return ahead(early, zone) === ahead(bare - 86400, zone) ? early : bare - ahead(bare, zone);
    },
    // The first local midnight after an instant.
    midnight(seconds, zone) {
      const day = parts(seconds + 86400, zone);
      return vigie.wall.instant(`${day.year}-${day.month}-${day.day}T00:00`, zone);
    },
  };
})();
