// vigie.StaleBanner: says what is not fresh, since when, and what becomes of it. No callback is needed to see it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, age, timeOfDay, symbol, useStore, useSecond, classes } = vigie.draw;

  const left = (retryAt) => Math.max(0, Math.ceil((retryAt - performance.now()) / 1000));

  // The gravest thing first: a cut link makes every other age moot.
  function cut(link, store, words, say) {
    const template = link.retryAt ? words.cut_detail : words.cut_trying;
    return { kind: "cut", title: words.cut, detail: say(template, link.frozen, { seconds: left(link.retryAt || 0) }), retry: true };
  }

  function late(link, labels, words, say, language) {
    const [first, ...others] = link.late;
    const period = age(first.period, labels.age);
    const known = first.last ? say(words.late_detail, first.last, { period }) : fill(words.late_never, { period });
    const more = others.length === 1 ? words.more_one : fill(words.more, { count: vigie.draw.number(others.length, language) });
    const title = fill(words.late, { type: labels.types[first.type] || first.type });
    return { kind: "late", title, detail: others.length ? `${known} (${more})` : known };
  }

  function message(store, { labels, language, zone }) {
    const link = store.link;
    const words = labels.banner;
    const say = (template, since, more) => {
      if (since === null || store.now() === null) return fill(template, { time: "–", age: "–", ...more });
      return fill(template, { time: timeOfDay(since, language, zone), age: age(store.now() - since, labels.age, true), ...more });
    };
    if (link.state === "cut") return cut(link, store, words, say);
    if (link.state === "none") return { kind: "cut", title: words.none, detail: say(words.none_detail, link.frozen) };
    // Nobody takes in what the city says: another trouble than a live memory that is away.
    if (link.state === "database" && link.unfed) return { kind: "late", title: words.unfed, detail: say(words.unfed_detail, link.unfed) };
    if (link.state === "database") return { kind: "late", title: words.database, detail: words.database_detail };
    if (link.state === "live" && link.late.length) return late(link, labels, words, say, language);
    return null;
  }

  vigie.StaleBanner = function StaleBanner(props) {
    const store = useStore(props.mode, (news) => news.link, 50);
    useSecond();
    const found = props.mode === "past" ? null : message(store, props);
    const kind = found ? found.kind : "none";
    // The region is always there, so that a screen reader hears what appears in it: the title, not each second.
    return h("div", { id: props.id, className: classes("banner", `banner-${kind}`, props.className), "data-kind": kind, "aria-label": props.labels.banner.region, role: "region" },
      h("div", { className: "banner-line" }, [
        found && symbol("freshness", found.kind === "cut" ? "stale" : "late", 18),
        h("strong", { key: "title", role: "status" }, found ? found.title : ""),
        found && h("span", { key: "detail", className: "banner-detail" }, found.detail),
        found && found.retry && h("button", { key: "retry", type: "button", className: "banner-action", onClick: store.retry }, props.labels.banner.retry),
      ])
    );
  };
})();
