// vigie.PageTheme draws nothing: while it is on the page, the page has its own colours. A forced theme (the past)
// always; another only where the reader has chosen none. What stood before comes back when it leaves.
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
      if (props.forced || !chosen()) root.dataset.theme = props.theme;
      return () => {
        if (root.dataset.theme === props.theme) root.dataset.theme = chosen() || (before === props.theme ? "dark" : before);
      };
    }, [props.theme, props.forced]);
    return null;
  };
})();
