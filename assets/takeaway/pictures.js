// A chart as a picture for paper: Plotly's own drawing, in light colours, with its label written into it.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const WIDTH = 1200;
  const HEIGHT = 720;
  const SCALE = 2;
  const TITLE_PX = 22;
  const TEXT_PX = 14;
  const LINE = 1.35;
  const LETTERS = 165;
  const SIDE = 40;
  const FAMILY = "SourceSans";
  const FONT = "/assets/vendor/source-sans-3-latin-wght-normal.woff2";

  const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // The screen's colours to paper's, wherever they stand in a figure: both themes name the same tokens.
  function toPaper(theme) {
    const { themes } = vigie.look;
    const from = themes[theme] || themes.dark;
    const table = new Map(Object.entries(from).map(([name, hex]) => [hex.toLowerCase(), themes.light[name]]));
    return function paint(value) {
      if (typeof value === "string") return table.get(value.toLowerCase()) || value;
      if (Array.isArray(value)) return value.map(paint);
      if (value && typeof value === "object" && !ArrayBuffer.isView(value)) {
        return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, paint(part)]));
      }
      return value;
    };
  }

  function wrapped(text) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const last = lines[lines.length - 1];
      if (last && last.length + word.length >= LETTERS) lines.push(word);
      else lines[lines.length - 1] = last ? `${last} ${word}` : word;
    }
    return lines;
  }

  const block = (lines) => lines.flatMap(wrapped).map(escaped).join("<br>");
  const height = (lines, px) => lines.flatMap(wrapped).length * px * LINE;

  function written(told, shade, top, bottom) {
    const text = { xref: "paper", yref: "paper", x: 0, xanchor: "left", align: "left", showarrow: false };
    const font = (size, color) => ({ font: { family: FAMILY, size, color } });
    return [
      { ...text, text: `<b>${escaped(told.title)}</b>`, y: 1, yanchor: "bottom", yshift: top - SIDE / 2 - TITLE_PX * LINE, ...font(TITLE_PX, shade.ink) },
      { ...text, text: block(told.lines), y: 1, yanchor: "top", yshift: top - SIDE / 2 - TITLE_PX * LINE, ...font(TEXT_PX, shade.ink2) },
      { ...text, text: block(told.foot), y: 0, yanchor: "bottom", yshift: SIDE / 2 - bottom, ...font(TEXT_PX, shade.ink3) },
    ];
  }

  // The figure as it is seen, for paper; the one on the screen is left alone.
  vigie.pictureFigure = function (graph, told, theme) {
    const shade = vigie.look.themes.light;
    const paint = toPaper(theme);
    const data = paint(graph.data);
    const layout = paint(graph.layout);
    const named = data.filter((trace) => trace.name && trace.showlegend !== false).length > 1;
    const top = SIDE + TITLE_PX * LINE + height(told.lines, TEXT_PX) + (named ? 34 : 8);
    const bottom = SIDE + height(told.foot, TEXT_PX) + 34;
    Object.assign(layout, {
      width: WIDTH, height: HEIGHT, autosize: false, paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF",
      margin: { l: SIDE, r: SIDE, t: top, b: bottom }, showlegend: named,
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom", font: { family: FAMILY, size: TEXT_PX, color: shade.ink2 } },
      font: { ...(layout.font || {}), family: FAMILY, size: TEXT_PX, color: shade.ink2 },
      annotations: [...(layout.annotations || []), ...written(told, shade, top, bottom)],
    });
    return { data, layout };
  };

  async function typeface() {
    try {
      const answer = await fetch(FONT);
      if (!answer.ok) return "";
      const bytes = new Uint8Array(await answer.arrayBuffer());
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      return `@font-face{font-family:${FAMILY};font-weight:200 900;src:url(data:font/woff2;base64,${btoa(text)}) format("woff2")}`;
    } catch (away) {
      return "";
    }
  }

  // The drawing with its typeface inside: an image may load nothing from elsewhere.
  async function svgOf(graph, told, theme) {
    const figure = vigie.pictureFigure(graph, told, theme);
    const drawn = await window.Plotly.toImage(figure, { format: "svg", width: WIDTH, height: HEIGHT, imageDataOnly: true });
    const style = `<title>${escaped(told.title)}</title><desc>${escaped([...told.lines, ...told.foot].join(". "))}</desc><style>${await typeface()}</style>`;
    return drawn.replace(/^(<svg[^>]*>)/, `$1${style}`);
  }

  function pngOf(svg) {
    return new Promise((resolve, reject) => {
      const image = new Image();
      image.onload = () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH * SCALE, height: HEIGHT * SCALE });
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
      };
      image.onerror = () => reject(new Error("no picture"));
      image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    });
  }

  async function take(button) {
    const told = JSON.parse(button.parentElement.dataset.picture);
    const graph = button.closest("section, figure").querySelector(".js-plotly-plot");
    const kind = button.dataset.kind;
    button.setAttribute("aria-busy", "true");
    try {
      const svg = await svgOf(graph, told, document.documentElement.dataset.theme);
      const blob = kind === "svg" ? new Blob([svg], { type: "image/svg+xml" }) : await pngOf(svg);
      vigie.saveFile(blob, told.file + kind);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(".picture-button");
    if (button && button.getAttribute("aria-busy") !== "true") take(button);
  });
})();
