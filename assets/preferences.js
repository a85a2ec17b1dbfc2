// Language and theme before anything is painted: from the address, else from this browser, else the page's own.
// Loaded early in the head as well as with the rest; the second time it does nothing.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  if (vigie.preferences) return;

  const CHOICES = { language: ["fr", "en"], theme: ["dark", "light"] };
  const PAST = { dark: "past", light: "past-light" };
  const root = document.documentElement;

  // Storage is refused in some private windows; a preference is then simply not remembered.
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

  function wanted(name) {
    const asked = new URLSearchParams(window.location.search).get(name === "language" ? "lang" : name);
    return [asked, kept(name)].find((value) => CHOICES[name].includes(value)) || null;
  }

  const inPast = () => Object.values(PAST).includes(root.dataset.theme);

  // The past keeps colours of its own until one leaves it: one by day, one by night.
  function apply(name, value) {
    if (name === "language") root.lang = value;
    else root.dataset.theme = inPast() ? PAST[value] : value;
  }

  // What the page is in now, by day or by night, whether live or past.
  const pageTheme = () => Object.keys(PAST).find((theme) => [theme, PAST[theme]].includes(root.dataset.theme));

  vigie.preferences = {
    CHOICES,
    PAST,
    get: (name) => wanted(name) || (name === "language" ? root.lang : pageTheme()) || CHOICES[name][0],
    set(name, value) {
      if (!CHOICES[name].includes(value)) return;
      keep(name, value);
      apply(name, value);
      window.dispatchEvent(new CustomEvent("vigie:preference", { detail: { name, value } }));
    },
    other: (name) => CHOICES[name].find((value) => value !== vigie.preferences.get(name)),
  };

  for (const name of Object.keys(CHOICES)) {
    const value = wanted(name);
    if (value) apply(name, value);
  }
})();
