// vigie.Vector: an inline SVG from plain data, coloured by css or by the shapes themselves; shapes of class "missing"
// are hatched.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const h = (...parts) => window.React.createElement(...parts);
  const TAGS = ["path", "line", "circle", "rect", "text"];
  const hatch = (id) => `hatch-${id}`;

  function shape(spec, key, id) {
    const { tag, title, text, ...attributes } = spec;
    if (!TAGS.includes(tag)) return null;
    const missing = (attributes.className || "").split(" ").includes("missing");
    if (missing) attributes.fill = `url(#${hatch(id)})`;
    return h(tag, { key, ...attributes }, text || null, title ? h("title", null, title) : null);
  }

  function pattern(id) {
    return h("defs", { key: "defs" }, h(
      "pattern", { id: hatch(id), width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      h("line", { x1: 0, y1: 0, x2: 0, y2: 5, className: "hatch-line" })
    ));
  }

  vigie.Vector = function Vector(props) {
    const own = window.React.useId().replace(/\W/g, "");
    const hatched = props.shapes.some((spec) => (spec.className || "").includes("missing"));
    return h(
      "svg",
      {
        id: props.id, className: `vector ${props.className || ""}`, viewBox: `0 0 ${props.box[0]} ${props.box[1]}`,
        width: props.width, height: props.height, preserveAspectRatio: props.stretch ? "none" : "xMidYMid meet",
        focusable: false, ...(props.label ? { role: "img", "aria-label": props.label } : { "aria-hidden": true }),
      },
      [hatched && pattern(own), ...props.shapes.map((spec, at) => shape(spec, at, own))]
    );
  };
})();
