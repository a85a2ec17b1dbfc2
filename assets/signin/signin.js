// The sign-in page works without this. With it, it takes the language and the theme this browser chose before,
// and remembers what is chosen here.
(function () {
  "use strict";
  const root = document.documentElement;
  if (!document.body || !document.body.classList.contains("signin")) return;

  function kept(name) {
    try {
      return window.localStorage.getItem(`vigie.${name}`);
    } catch (refused) {
      return null;
    }
  }

  function keep(name, value) {
    try {
      window.localStorage.setItem(`vigie.${name}`, value);
    } catch (refused) {
      console.warn("vigie: preferences are not kept:", refused.message);
    }
  }

  const asked = new URLSearchParams(window.location.search);
  const theme = asked.get("theme") || kept("theme") || (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  // The words come from the server: asked for once more, in the language this browser chose.
  const language = kept("language");
  if (!asked.get("lang") && (language === "fr" || language === "en") && language !== root.lang) {
    asked.set("lang", language);
    window.location.replace(`${window.location.pathname}?${asked}`);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("footer a");
    if (!link) return;
    if (link.dataset.language) keep("language", link.dataset.language);
    if (link.dataset.themeChoice) keep("theme", link.dataset.themeChoice);
  });
})();
