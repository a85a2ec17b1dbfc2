// The address of a past instant, always in step with what is shown: it is the link one sends and the bookmark one
// keeps. `/history?at=…[&a=…&b=…][&speed=…][&asset=…][&domains=…][&statuses=…][&area=…][&span=…]`
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const USUAL = { speed: 60, span: 86400 };

  // The filters of a store as an address writes them; live and past rooms read the same.
  function filtersOf(store, query) {
    const { domains, statuses, area } = store.filters;
    if (domains) query.set("domains", domains.join(","));
    if (statuses) query.set("statuses", statuses.join(","));
    if (area !== null) query.set("area", String(area));
  }

  function query() {
    const { clock, time, past } = vigie;
    const found = new URLSearchParams({ at: time.iso(clock.at) });
    for (const name of ["a", "b"]) if (clock[name] !== null) found.set(name, time.iso(clock[name]));
    if (clock.speed !== USUAL.speed) found.set("speed", String(clock.speed));
    if (address.asset) found.set("asset", address.asset);
    filtersOf(past, found);
    if (Math.round(clock.span) !== USUAL.span) found.set("span", String(Math.round(clock.span)));
    // Colons are as good as their escapes in a query, and an instant stays readable.
    return `?${found.toString().replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
  }

  const address = {
    asset: null,
    query,
    // Put it in the browser's bar; returns it.
    write() {
      const text = query();
      if (window.location.pathname.startsWith("/history")) vigie.writeAddress(text);
      return text;
    },
  };

  vigie.pastAddress = Object.assign(address, { filtersOf });
})();
