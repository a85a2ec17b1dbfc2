// vigie.Steady: a tree of components drawn in place, so that a page asked again every few seconds keeps its
// focus, its scroll and what was unfolded. Links within Vigie change the address only; a button with data-act
// reports itself.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h } = vigie.draw;
  const OURS = "vigie";

  const plain = (event) => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

  function visit(address) {
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  }

  function go(event) {
    if (!plain(event)) return;
    event.preventDefault();
    visit(event.currentTarget.getAttribute("href"));
  }

  // A row leads where its link leads; marking its text, or what else in it can be pressed, does not.
  function goFrom(address) {
    return (event) => {
      const marking = String(window.getSelection()) !== "";
      if (plain(event) && !marking && !event.target.closest("a, button, summary")) visit(address);
    };
  }

  function handlers(type, props, act) {
    if (type === "a" && (props.href || "").startsWith("/")) return { onClick: go };
    if (type === "button" && props["data-act"] !== undefined) return { onClick: () => act(props["data-act"]) };
    if (props["data-go"]) return { onClick: goFrom(props["data-go"]) };
    return {};
  }

  function draw(node, act, at) {
    if (Array.isArray(node)) return node.map((part, index) => draw(part, act, index));
    if (node === null || node === undefined || typeof node !== "object") return node;
    const { children, key, ...props } = node.props;
    const ours = node.namespace === OURS;
    const type = ours ? vigie[node.type] : node.type.toLowerCase();
    const inner = children === undefined ? [] : [].concat(draw(children, act));
    return h(type, { key: key === undefined ? at : key, ...props, ...(ours ? {} : handlers(type, props, act)) }, ...inner);
  }

  vigie.Steady = function Steady(props) {
    const act = (value) => props.setProps && props.setProps({ acted: { act: value, n: performance.now() } });
    return h("div", { id: props.id, className: props.className }, draw(props.tree, act));
  };
})();
