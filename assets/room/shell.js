// The shell's small moves: language and theme into the page's stores, links that select, tabs, toasts.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const functions = (window.dash_clientside = window.dash_clientside || {});

  functions.vigie_shell = {
    preferred: () => [vigie.preferences.get("language"), vigie.preferences.get("theme")],
    scheme: (theme) => (theme === "light" ? "light" : "dark"),
    title(text) {
      if (text) document.title = text;
    },
  };

  window.addEventListener("vigie:preference", (event) => {
    const { name, value } = event.detail;
    if (functions.set_props) functions.set_props(name, { data: value });
  });

  const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  const actions = {
    language: (value) => vigie.preferences.set("language", value),
    theme: () => vigie.preferences.set("theme", vigie.preferences.other("theme")),
    dismiss: (value) => functions.set_props(value, { children: [] }),
    // A page names the store that takes what is picked on it; elsewhere the link is followed.
    asset(value, element, event) {
      const page = element.closest("[data-picks]");
      if (!page) return;
      event.preventDefault();
      functions.set_props(page.dataset.picks, { data: { asset: value, n: performance.now() } });
    },
    fly: (value) => vigie.room.fly(Number(value)),
    tab(value, element) {
      const page = document.getElementById(element.dataset.into);
      page.classList.remove("show-list", "show-map", "show-changes");
      page.classList.add(`show-${value}`);
      window.dispatchEvent(new Event("resize"));
    },
  };
  const SELECTOR = Object.keys(actions).map((name) => `[data-${name}]`).join(",");

  document.addEventListener("click", (event) => {
    const element = event.target.closest(SELECTOR);
    if (!element || !plain(event) || element === document.documentElement) return;
    for (const name of Object.keys(actions)) {
      if (element.dataset[name] !== undefined) actions[name](element.dataset[name], element, event);
    }
  });
})();
