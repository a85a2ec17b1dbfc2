// vigie.DomainSwitches: each domain with its size and what is abnormal in it; a switch shows or hides it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, number, useStore, classes } = vigie.draw;
  const COUNTED = ["fault", "degraded", "comms_lost"];

  function toggled(domains, name, all) {
    const shown = domains === null ? all : domains;
    const next = shown.includes(name) ? shown.filter((other) => other !== name) : [...shown, name];
    return next.length === 0 || next.length === all.length ? null : all.filter((other) => next.includes(other));
  }

  // Nothing abnormal is only true of what has been heard of: a domain that never spoke is unknown, not calm.
  function calm(counts, labels, language) {
    if (!counts) return h("span", { className: "domain-calm" }, "");
    const unknown = counts.classes[vigie.codes.CLASS.unknown];
    if (unknown < counts.total || !counts.total) return h("span", { className: "domain-calm" }, labels.switches.nothing);
    return h("span", { className: "domain-count" }, [symbol("status", "unknown", 17, labels.status.unknown), h("b", { key: "n" }, number(unknown, language))]);
  }

  function abnormal(counts, labels, language) {
    const found = COUNTED.map((name) => [name, counts ? counts.classes[vigie.codes.CLASS[name]] : 0]).filter(([, n]) => n);
    if (!found.length) return calm(counts, labels, language);
    return found.map(([name, count]) =>
      h("span", { key: name, className: "domain-count" }, [symbol("status", name, 17, labels.status[name]), h("b", { key: "n" }, number(count, language))])
    );
  }

  // On a phone one number stands for the three.
  function sum(counts, language) {
    const all = COUNTED.reduce((total, name) => total + (counts ? counts.classes[vigie.codes.CLASS[name]] : 0), 0);
    return h("b", { key: "sum", className: "domain-sum" }, counts ? number(all, language) : "");
  }

  function one(domain, counts, on, { labels, language }, act) {
    return h(
      "button",
      {
        key: domain.name, type: "button", className: classes("domain", !on && "off"), "aria-pressed": on,
        "data-domain": domain.name, onClick: act,
      },
      [
        h("span", { key: "glyph", className: "domain-glyph" }, symbol("glyph", domain.glyph, 20)),
        h("span", { key: "name", className: "domain-name" }, [
          h("span", { key: "label" }, domain.label),
          h("span", { key: "total", className: "domain-total" }, counts ? number(counts.total, language) : ""),
        ]),
        h("span", { key: "counts", className: "domain-counts" }, abnormal(counts, labels, language)),
        sum(counts, language),
      ]
    );
  }

  vigie.DomainSwitches = function DomainSwitches(props) {
    const { useEffect } = window.React;
    const store = useStore(props.mode, (news) => news.changed.length || news.all || news.filters || news.geometry);
    useEffect(() => {
      store.filter("domains", props.domains);
    }, [JSON.stringify(props.domains)]);
    useEffect(() => {
      if (props.area !== undefined) store.filter("area", props.area);
    }, [props.area]);
    const shown = store.filters.domains;
    const counted = Object.fromEntries(store.counts().domains.map((domain) => [domain.name, domain]));
    // A domain the city has nothing of is not a switch.
    const has = (name) => counted[name] && (counted[name].total > 0 || store.filters.area !== null);
    const known = props.labels.domains.filter(({ name }) => !store.ready || has(name));
    const all = known.map(({ name }) => name);
    const set = (name) => {
      const next = toggled(shown, name, all);
      store.filter("domains", next);
      if (props.setProps) props.setProps({ domains: next });
    };
    return h(
      "div",
      { id: props.id, className: classes("domains", props.className), role: "group", "aria-label": props.labels.switches.title },
      known.map((domain) => {
        const on = shown === null || shown.includes(domain.name);
        return one(domain, counted[domain.name], on, props, () => set(domain.name));
      })
    );
  };
})();
