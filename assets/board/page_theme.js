// vigie.PageTheme draws nothing: while it is on the page, the page has its own colours. The past always has
// (forced), by day or by night as the reader prefers; another theme only where she has chosen none. What stood before comes back when it leaves.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const root = document.documentElement;

  function chosen() {
    const asked = new URLSearchParams(window.location.search).get("theme");
    let kept = null;
    try {
      kept = window.localStorage.getItem("vigie.theme");
    } catch (refused) {
      console.warn("vigie: preferences are not kept:", refused.message);
    }
    return [asked, kept].find((value) => ["dark", "light"].includes(value)) || null;
  }

  vigie.PageTheme = function PageTheme(props) {
    window.React.useLayoutEffect(() => {
      const before = root.dataset.theme;
      const { PAST } = vigie.preferences;
      const own = props.forced ? Object.values(PAST) : [props.theme];
      if (props.forced) root.dataset.theme = PAST[vigie.preferences.get("theme")];
      else if (!chosen()) root.dataset.theme = props.theme;
      return () => {
        if (own.includes(root.dataset.theme)) root.dataset.theme = chosen() || (own.includes(before) ? "dark" : before);
      };
    }, [props.theme, props.forced]);
    return null;
  };
})();
