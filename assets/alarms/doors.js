// The desk's doors: what is asked of alarms, and what is done, by fetch. An answer of 200 to an act is committed.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const ASK_MS = 5000;
  const ACT_MS = 8000;

  const language = () => (document.documentElement.lang === "en" ? "en" : "fr");

  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrf="));
    return found ? decodeURIComponent(found.slice(5)) : "";
  }

  // An answer that is not 200 is an Error with its `status`, and the server's own words where it has any.
  async function read(answer) {
    if (answer.ok) return answer.json();
    const told = await answer.json().catch(() => ({}));
    const error = new Error((told.error && told.error.message) || `status ${answer.status}`);
    throw Object.assign(error, { status: answer.status, told: told.error || null });
  }

  const query = (asked) =>
    new URLSearchParams(Object.entries({ ...asked, lang: language() }).filter(([, value]) => value !== null && value !== undefined && value !== ""));

  const ask = (path, asked = {}) => fetch(`/alarms/${path}?${query(asked)}`, { signal: AbortSignal.timeout(ASK_MS) }).then(read);

  const act = (verb, body) =>
    fetch(`/alarms/act/${verb}?lang=${language()}`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-csrf-token": token() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ACT_MS),
    }).then(read);

  vigie.alarmDoors = { ask, act };
})();
