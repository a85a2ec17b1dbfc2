// vigie.Symbol: one symbol of model/symbols.json; vigie.Age: how long ago by the server's clock.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, symbol, age, useSecond } = vigie.draw;

  vigie.Symbol = function Symbol(props) {
    return h(
      "span",
      { id: props.id, className: `symbol-box ${props.className || ""}` },
      symbol(props.group, props.name, props.size || 20, props.title)
    );
  };

  vigie.Age = function Age(props) {
    useSecond();
    const now = vigie.store(props.mode).now();
    const known = props.since !== null && props.since !== undefined && now !== null;
    const text = known ? age(now - props.since, props.labels.age) : "–";
    return h("span", { id: props.id, className: `age ${props.className || ""}` }, text);
  };
})();
