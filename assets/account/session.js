// Whether this browser is still signed in. Found out by whoever asks the server for something; said once, for the
// whole page, with the way back in. Nothing that is shown then pretends to be fresh.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const session = (vigie.session = { ended: false });

  function say(box, since) {
    const language = document.documentElement.lang === "en" ? "en" : "fr";
    const texts = box.dataset;
    const style = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: texts.zone };
    const time = new Intl.DateTimeFormat(language === "en" ? "en-GB" : "fr", style).format(since);
    const title = document.createElement("strong");
    title.textContent = texts[`${language}Title`];
    const detail = document.createElement("span");
    detail.textContent = texts[`${language}Detail`].replace("{time}", time);
    const way = document.createElement("a");
    way.className = "button primary";
    way.textContent = texts[`${language}Again`];
    const here = window.location.pathname + window.location.search;
    way.href = `/signin?lang=${language}&next=${encodeURIComponent(here)}`;
    box.replaceChildren(title, detail, way);
    box.hidden = false;
  }

  // What is shown is of the last that was heard, by the server's clock; on a page that is not live, of now.
  function shownAt() {
    const live = vigie.live;
    return new Date(live && live.link && live.link.frozen ? live.link.frozen * 1000 : Date.now());
  }

  // The session is over: say so, and let every link of this page know.
  session.over = function over() {
    if (session.ended) return;
    session.ended = true;
    const box = document.getElementById("signed-out");
    if (box) say(box, shownAt());
    window.dispatchEvent(new CustomEvent("vigie:signed-out"));
  };

  // Ask: a stream that was refused does not say why.
  session.check = async function check() {
    try {
      const answer = await plain("/session", { cache: "no-store", signal: AbortSignal.timeout(4000) });
      if (answer.status === 401) session.over();
    } catch (away) {
      // Not answered is not signed out: the live link says that the server is away.
      console.warn("vigie: session not checked:", away.message);
    }
  };

  // Callbacks, searches and files alike: whoever is told to sign in, the page is signed out.
  const plain = window.fetch.bind(window);
  window.fetch = async function fetched(...asked) {
    const answer = await plain(...asked);
    if (answer.status === 401 && new URL(answer.url, window.location.href).origin === window.location.origin) session.over();
    return answer;
  };
})();
