// The way into the past and the one way out, both with everything that is chosen: selection, filters, area. The page
// is not loaded anew, so that the live link goes on and the way back takes no time.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const BACK_S = 300;
  const CHOSEN = ["asset", "domains", "statuses", "area"];

  const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  function visit(address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  // What the room's address says is chosen, under the same names on both sides.
  function chosen() {
    const now = new URLSearchParams(window.location.search);
    const kept = new URLSearchParams();
    for (const name of CHOSEN) if (now.has(name)) kept.set(name, now.get(name));
    return kept;
  }

  const written = (query) => query.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");

  // Into the past: `at` (s), five minutes ago when nothing is said.
  function enter(at) {
    const now = vigie.live.now() || Date.now() / 1000;
    const query = new URLSearchParams({ at: vigie.time.iso(at || now - BACK_S) });
    for (const [name, value] of chosen()) query.set(name, value);
    visit(`/history?${written(query)}`);
    return true;
  }

  function leave() {
    vigie.player.run += 1;
    vigie.pastAddress.write();
    const query = written(chosen());
    visit(query ? `/?${query}` : "/");
    return true;
  }

  const inPast = () => document.querySelector('[data-room="past"]');

  // Something open over the page is closed by Escape first: a dialog, a list that drops down.
  function isOpen(target) {
    if (document.querySelector('dialog[open], [role="dialog"]')) return true;
    return Boolean(target.closest && target.closest('[aria-expanded="true"]:not(.legend-fold)'));
  }

  // Before every other shortcut, wherever the focus is: out of the past there is one key.
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !inPast() || isOpen(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
    leave();
  }, true);

  document.addEventListener("click", (event) => {
    if (!plain(event) || event.defaultPrevented) return;
    const out = event.target.closest("[data-leave]");
    const into = event.target.closest("a.strip-way");
    const close = event.target.closest("[data-close]");
    // The dialog of annotations is the page's own: it would open under this one.
    const away = event.target.closest("dialog .note-add");
    if (close || away) (close || away).closest("dialog").close();
    if (!out && !into) return;
    event.preventDefault();
    if (out) leave();
    else enter(Date.parse(new URL(into.href).searchParams.get("at")) / 1000 || undefined);
  });

  vigie.ways = { enter, leave };
})();
