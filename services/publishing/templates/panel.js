/* Says how old the data is, renews what moves unless held, and tells an embedding page the height.
   All else works without script. */
(function () {
  "use strict";
  var root = document.documentElement;
  var age = document.getElementById("age");
  function words(seconds) {
    var units = [["day", 86400], ["hour", 3600], ["minute", 60]];
    var unit = units.find(function (u) { return seconds >= u[1]; }) || units[2];
    var count = Math.floor(seconds / unit[1]);
    return new Intl.RelativeTimeFormat(root.lang, { numeric: "always", style: "short" }).format(-count, unit[0]);
  }
  function tell() {
    var seconds = (Date.now() - Date.parse(age.dataset.time)) / 1000;
    if (!(seconds >= 0)) { age.textContent = ""; return; }
    var period = Number(age.dataset.period);
    var state = seconds > 3 * period ? age.dataset.stale : seconds > 2 * period ? age.dataset.late : "";
    age.className = state ? "age late" : "age";
    age.textContent = words(seconds) + (state ? ", " + state : "");
  }
  if (age) { age.before(", "); tell(); setInterval(tell, 30000); }
  /* A panel of the moment comes anew with its data, the view kept; never while it is held, hidden or in use. */
  var hold = document.getElementById("hold");
  var table = document.getElementById("as-table");
  if (location.hash === "#table") { table.checked = true; }
  if (hold && age) {
    var pause = hold.textContent;
    hold.hidden = false;
    hold.addEventListener("click", function () {
      var held = hold.getAttribute("aria-pressed") !== "true";
      hold.setAttribute("aria-pressed", String(held));
      hold.textContent = held ? hold.dataset.resume : pause;
    });
    setInterval(function () {
      if (hold.getAttribute("aria-pressed") === "true" || document.hidden || document.hasFocus()) { return; }
      if (table.checked) { location.hash = "table"; } else if (location.hash) { location.hash = ""; }
      location.reload();
    }, Math.max(30, Number(age.dataset.period)) * 1000);
  }
  function measure() {
    if (window.parent === window) { return; }
    var bottom = document.querySelector("footer").getBoundingClientRect().bottom;
    window.parent.postMessage({ type: "vigie:height", height: Math.ceil(bottom + window.scrollY) + 17 }, "*");
  }
  if (window.ResizeObserver) {
    var watch = new ResizeObserver(measure);
    document.querySelectorAll("main > *").forEach(function (part) { watch.observe(part); });
  }
  window.addEventListener("load", measure);
})();
