// Files of what is shown: the page's address at that moment is the question; a refusal is said on the spot.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const root = document.documentElement;

  const ends = (asked) => asked.get("a") && asked.get("b");

  // What the filters of the map let through, and nothing of how it looks.
  function kept(asked, names) {
    const out = new URLSearchParams();
    for (const name of names) if (asked.has(name)) out.set(name, asked.get(name));
    return out;
  }

  // Not the speed one plays at: what is watched in passing would take an hour as a picture.
  function between(asked) {
    const out = kept(asked, ["domains", "statuses", "area"]);
    out.set("t0", asked.get("a"));
    out.set("t1", asked.get("b"));
    return out;
  }

  function exported(asked, name) {
    const out = kept(asked, ["series", "p", "t0", "t1", "at", "a", "b", "domains", "statuses", "area"]);
    out.set("format", name === "changes" ? "csv" : name);
    if (ends(asked)) out.set("what", name === "changes" ? "changes" : "difference");
    return out;
  }

  // The address of a file of what the page shows now.
  vigie.takeawayAddress = function (name, search) {
    const asked = new URLSearchParams(search === undefined ? window.location.search : search);
    const out = name === "replay" || name === "report" ? between(asked) : exported(asked, name);
    out.set("lang", root.lang);
    const path = { replay: "/history/replay", report: "/report" }[name] || "/history/export";
    return `${path}?${out}`;
  };

  function named(answer, otherwise) {
    const found = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
    return found ? found[1] : otherwise;
  }

  vigie.saveFile = function (blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    // The browser has begun to read it by the next turn of the loop it gives us.
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };

  async function reason(answer, otherwise) {
    try {
      return (await answer.json()).error.message || otherwise;
    } catch (unreadable) {
      return otherwise;
    }
  }

  async function take(link) {
    const box = link.closest(".takeaway");
    const said = box.querySelector(".takeaway-said");
    const say = (text) => { said.textContent = text; };
    link.setAttribute("aria-busy", "true");
    say(`${box.dataset.preparing}…`);
    try {
      const answer = await fetch(link.href);
      if (answer.ok) vigie.saveFile(await answer.blob(), named(answer, link.dataset.file));
      say(answer.ok ? "" : await reason(answer, box.dataset.failed));
    } catch (cut) {
      say(box.dataset.failed);
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  function linked(event) {
    return event.target.closest && event.target.closest(".takeaway-link");
  }

  // Also before it is opened in another tab or copied.
  for (const kind of ["pointerdown", "focusin", "contextmenu"]) {
    document.addEventListener(kind, (event) => {
      const link = linked(event);
      if (link) link.href = vigie.takeawayAddress(link.dataset.file);
    }, true);
  }

  document.addEventListener("click", (event) => {
    const link = linked(event);
    if (!link) return;
    link.href = vigie.takeawayAddress(link.dataset.file);
    if (link.dataset.file === "report" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") !== "true") take(link);
  });

  function mark() {
    root.dataset.ends = ends(new URLSearchParams(window.location.search)) ? "yes" : "no";
  }
  for (const kind of ["_dashprivate_pushstate", "popstate", "load"]) window.addEventListener(kind, mark);
  mark();
})();
