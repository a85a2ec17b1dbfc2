// Draws the components of #components with React alone and keeps what they report in window.outputs, as Dash would
// keep their properties. window.setProps(id, props) is a callback's answer.
(function () {
  "use strict";
  const React = window.React;
  const described = JSON.parse(document.getElementById("components").textContent);
  window.outputs = {};
  const setters = {};

  function Held({ kind, first }) {
    const [props, setState] = React.useState(first);
    const set = (news) => setState((old) => ({ ...old, ...news }));
    setters[first.id] = set;
    const setProps = (news) => {
      window.outputs[first.id] = { ...window.outputs[first.id], ...news };
      set(news);
    };
    return React.createElement(window.vigie[kind], { ...props, setProps });
  }

  window.setProps = (id, news) => setters[id](news);

  const slots = ["top", "banner", "map", "side"];
  const drawn = (slot) =>
    described
      .filter((one) => one.slot === slot && window.vigie[one.type])
      .map((one) => React.createElement(Held, { key: one.props.id, kind: one.type, first: one.props }));
  const page = slots.map((slot) => React.createElement("div", { key: slot, className: `slot slot-${slot}` }, drawn(slot)));
  window.ReactDOM.createRoot(document.getElementById("page")).render(page);
})();
