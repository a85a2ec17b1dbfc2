// vigie.AreaTable: a table its reader sorts by any column. A row met by pointer or keyboard is the same area on the
// map beside it (kpi_map.js).
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill } = vigie.draw;

  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : a - b);

  // What has no value comes last, whichever way.
  function ordered(rows, column, down) {
    const name = (row) => row.sort[0];
    return [...rows].sort((a, b) => {
      const [x, y] = [a.sort[column], b.sort[column]];
      if (x === null || y === null) return (x === null) - (y === null) || compare(name(a), name(b));
      return (down ? -1 : 1) * compare(x, y) || compare(name(a), name(b));
    });
  }

  vigie.AreaTable = function AreaTable(props) {
    const sort = props.sort || "";
    const down = sort.startsWith("-");
    const at = Math.max(0, props.heads.findIndex((head) => head.key === sort.replace("-", "")));
    const choose = (key, number) => {
      const same = props.heads[at].key === key;
      const next = same ? !down : number;
      if (props.setProps) props.setProps({ sort: `${next ? "-" : ""}${key}` });
    };
    const head = props.heads.map((one, place) => h("th", {
      key: one.key, scope: "col", className: one.number ? "number" : null,
      "aria-sort": place === at ? (down ? "descending" : "ascending") : "none",
    }, h("button", {
      type: "button", onClick: () => choose(one.key, one.number),
      title: fill(props.labels.sort, { name: one.text }),
    }, one.text, h("span", { className: "sort-mark", "aria-hidden": true }, place === at ? (down ? "▾" : "▴") : ""))));
    const body = ordered(props.rows, at, down).map((row) => h("tr", {
      key: row.area, "data-area": row.area, className: row.missing ? "missing" : null,
    }, row.cells.map((cell, place) => (place === 0
      ? h("th", { key: place, scope: "row" }, cell)
      : h("td", { key: place, className: props.heads[place].number && !(row.missing && place === 1) ? "number" : null }, cell)))));
    return h("div", { id: props.id, className: "area-table" }, h("table", null, [
      h("caption", { key: "caption" }, props.caption), h("thead", { key: "head" }, h("tr", null, head)),
      h("tbody", { key: "body" }, body),
    ]));
  };
})();
