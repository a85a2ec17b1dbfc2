// One cursor on every chart of a page: what the pointer shows on one is shown at the same time on all the others.
(function () {
  "use strict";
  const CHARTS = ".history-graph .js-plotly-plot";
  const LINE = "chart-cursor";
  let telling = false;

  const others = (graph) => [...document.querySelectorAll(CHARTS)].filter((one) => one !== graph && one._fullLayout && one._fullLayout.xaxis);

  // The line of a chart, made once; it lies over the drawing and takes no pointer.
  function lineOf(graph) {
    const found = graph.querySelector(`.${LINE}`);
    if (found) return found;
    const line = Object.assign(document.createElement("i"), { className: LINE });
    graph.append(line);
    return line;
  }

  function mark(graph, x) {
    const { xaxis, _size: size } = graph._fullLayout;
    const at = xaxis.l2p(Number(x));
    const line = lineOf(graph);
    const inside = Number.isFinite(at) && at >= 0 && at <= xaxis._length;
    line.hidden = !inside;
    Object.assign(line.style, { left: `${size.l + at}px`, top: `${size.t}px`, height: `${size.h}px` });
  }

  function hovered(graph, event) {
    const x = event.xvals ? event.xvals[0] : event.points[0].x;
    mark(graph, x);
    if (telling) return;
    telling = true;
    for (const other of others(graph)) {
      mark(other, x);
      window.Plotly.Fx.hover(other, { xval: Number(x) });
    }
    telling = false;
  }

  function left(graph) {
    if (telling) return;
    telling = true;
    for (const one of [graph, ...others(graph)]) {
      lineOf(one).hidden = true;
      if (one !== graph) window.Plotly.Fx.unhover(one);
    }
    telling = false;
  }

  // Charts come and go with callbacks: each is listened to once, when the pointer first enters it.
  document.addEventListener("pointerover", (event) => {
    const graph = event.target.closest && event.target.closest(CHARTS);
    if (!graph || !graph.on || graph.dataset.cursor) return;
    graph.dataset.cursor = "on";
    graph.on("plotly_hover", (found) => hovered(graph, found));
    graph.on("plotly_unhover", () => left(graph));
  });
})();
