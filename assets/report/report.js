// The report's form: what is typed is the city's wall clock, what the address carries is an instant.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");

  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".report-asked");
    if (!form) return;
    event.preventDefault();
    const asked = new URLSearchParams();
    for (const [name, value] of new URLSearchParams(window.location.search)) if (["lang", "theme"].includes(name)) asked.set(name, value);
    for (const [name, field] of [["t0", form.elements.a], ["t1", form.elements.b]]) {
      const at = vigie.wall.instant(field.value, form.dataset.zone);
      if (at === null) return field.focus();
      asked.set(name, iso(at));
    }
    window.location.assign(`/report?${asked}`);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest('[data-print="page"]')) window.print();
  });
})();
