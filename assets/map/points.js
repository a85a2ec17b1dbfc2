// Every asset as a point, drawn straight from the columns by a custom layer: no features, no tiles, no worker. A
// change is one byte of a buffer; 350,000 assets cost the memory of a photograph.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { CLASS, NAMES } = vigie.codes;
  const HIDDEN = 255;
  const EQUIPMENT = 16;
  // From here on other equipment shows its glyph instead (see style.js).
  const GLYPH_ZOOM = 13.5;
  const BASE = 1.6;

  // Radius, edge and opacity by zoom, px: lamps, then other equipment, which is a small ring.
  const LAMP = {
    radius: [[9, 0.35], [11, 0.8], [12.5, 1.05], [14, 1.6], [16, 3.4], [18, 5]],
    edge: [[9, 0.4], [11, 0.8], [14, 1.1], [17, 1.6]],
    opacity: [[9, 0.55], [11, 0.8], [14, 0.95]],
  };
  const RING = { radius: [[9, 0.4], [10.5, 0.6], [12, 1.3], [13.5, 2]], edge: [[10.5, 0.5], [12, 0.9]] };

  const FULL = { degraded: "degraded", fault: "fault", maintenance: "maint", handled: "fault" };
  const HOLLOW = { consequence: "fault", comms_lost: "comms", stale: "grey", out_of_service: "grey" };
  const CALM = { normal: "lamp", active: "lampOn", unknown: "lamp" };

  // Positions are offsets from a corner of the city: a float of the whole world is 16 px wide at street scale.
  const VERTEX = `#version 300 es
    uniform mat4 matrix;
    uniform vec2 radius;
    uniform vec2 edge;
    uniform float ratio;
    uniform bool rings;
    uniform vec4 fills[${2 * NAMES.length}];
    uniform vec4 edges[${2 * NAMES.length}];
    in vec2 place;
    in uint drawn;
    out vec4 fill;
    out vec4 line;
    out vec2 size;
    void main() {
      int kind = int(drawn) / ${EQUIPMENT};
      int state = int(drawn) % ${EQUIPMENT};
      if (drawn == ${HIDDEN}u || (kind == 1 && !rings)) {
        gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
        return;
      }
      int row = kind * ${NAMES.length} + state;
      fill = fills[row];
      line = edges[row];
      float reach = (kind == 1 ? radius.y : radius.x) * ratio;
      size = vec2(reach, reach + (line.a > 0.0 ? (kind == 1 ? edge.y : edge.x) * ratio : 0.0));
      gl_PointSize = 2.0 * size.y + 1.0;
      gl_Position = matrix * vec4(place, 0.0, 1.0);
    }`;
  const FRAGMENT = `#version 300 es
    precision mediump float;
    uniform float opacity;
    in vec4 fill;
    in vec4 line;
    in vec2 size;
    out vec4 colour;
    void main() {
      float away = length(gl_PointCoord - 0.5) * (2.0 * size.y + 1.0);
      // The edge is smoothed inwards: smoothed both ways, a lamp of one pixel would run into its neighbours.
      float inside = clamp(size.x - away + 0.1, 0.0, 1.0);
      float whole = clamp(size.y - away + 0.1, 0.0, 1.0) * opacity;
      if (whole <= 0.0) discard;
      vec4 shown = mix(line.a > 0.0 ? line : fill, fill, inside);
      colour = vec4(shown.rgb * shown.a, shown.a) * whole;
    }`;

  // As the style's own exponential interpolation, so that points and symbols grow together.
  function atZoom(stops, zoom) {
    const after = stops.findIndex(([z]) => z > zoom);
    if (after === 0) return stops[0][1];
    if (after < 0) return stops[stops.length - 1][1];
    const [[z0, v0], [z1, v1]] = [stops[after - 1], stops[after]];
    return v0 + ((v1 - v0) * (BASE ** (zoom - z0) - 1)) / (BASE ** (z1 - z0) - 1);
  }

  function rgba(hex) {
    return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).concat(1);
  }

  // Every class of lamps, then every one of equipment: what fills a point and what edges it.
  function palette(theme) {
    const c = vigie.look.themes[theme];
    const clear = [0, 0, 0, 0];
    const of = (...tables) => (name) => {
      const found = tables.find((table) => name in table);
      return found ? rgba(c[found[name]]) : clear;
    };
    const land = Object.fromEntries(Object.keys(HOLLOW).map((name) => [name, "land"]));
    const bare = { normal: "land", active: "land" };
    return {
      fills: [...NAMES.map(of(CALM, FULL, land)), ...NAMES.map(of(bare, FULL, land))].flat(),
      edges: [...NAMES.map(of(FULL, HOLLOW)), ...NAMES.map(of(CALM, FULL, HOLLOW))].flat(),
    };
  }

  const mercator = (lon, lat) => [
    (180 + lon) / 360,
    0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI),
  ];

  function compile(gl) {
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.bindAttribLocation(program, 0, "place");
    gl.bindAttribLocation(program, 1, "drawn");
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    return program;
  }

  // matrix x translation to the corner, in doubles; only the product is rounded.
  function cornered(matrix, [x, y]) {
    const out = Float32Array.from(matrix);
    for (let row = 0; row < 4; row++) out[12 + row] = matrix[row] * x + matrix[4 + row] * y + matrix[12 + row];
    return out;
  }

  // The first asset that has a place; what moves may have none.
  function cornerOf({ count, lon, lat }) {
    const first = lon.findIndex(Number.isFinite);
    return count && first >= 0 ? mercator(lon[first], lat[first]) : [0, 0];
  }

  // The live indices of what is neither normal nor active nor hidden.
  function oddities(drawn) {
    const found = [];
    for (let index = 0; index < drawn.length; index++) {
      const state = drawn[index] % EQUIPMENT;
      if (drawn[index] !== HIDDEN && state !== CLASS.normal && state !== CLASS.active) found.push(index);
    }
    return Uint32Array.from(found);
  }

  // A MapLibre custom layer. `place` gives it a layout, `set` one asset's class (or hidden), `draw` asks for a picture.
  class Points {
    constructor(theme) {
      Object.assign(this, { id: "points", type: "custom", renderingMode: "2d", count: 0 });
      this.drawn = new Uint8Array(0);
      this.setTheme(theme);
    }

    setTheme(theme) {
      this.palette = palette(theme);
      if (this.map) this.map.triggerRepaint();
    }

    // What moves is not drawn here (vehicles.js).
    place(store, lamp) {
      const { count, lon, lat } = store;
      this.corner = cornerOf(store);
      this.moving = Uint8Array.from(lon, (_, index) => (store.fleet.isMoving(index) ? 1 : 0));
      this.offsets = new Float32Array(2 * count);
      for (let index = 0; index < count; index++) {
        if (this.moving[index]) continue;
        const [x, y] = mercator(lon[index], lat[index]);
        this.offsets[2 * index] = x - this.corner[0];
        this.offsets[2 * index + 1] = y - this.corner[1];
      }
      this.kinds = Uint8Array.from(lamp, (is) => (is ? 0 : EQUIPMENT));
      this.drawn = new Uint8Array(count).fill(HIDDEN);
      this.count = count;
      this.moved = true;
      if (this.map) this.map.triggerRepaint();
    }

    // `state` is a class, -1 hidden.
    set(index, state) {
      this.drawn[index] = state < 0 || this.moving[index] ? HIDDEN : state + this.kinds[index];
      this.changed = true;
    }

    // What an asset is drawn as now; -1 hidden.
    stateOf(index) {
      return this.drawn[index] === HIDDEN ? -1 : this.drawn[index] % EQUIPMENT;
    }

    draw() {
      if (this.map && this.changed) this.map.triggerRepaint();
    }

    onAdd(map, gl) {
      this.map = map;
      this.program = compile(gl);
      this.where = Object.fromEntries(
        ["matrix", "radius", "edge", "ratio", "rings", "fills", "edges", "opacity"].map((name) => [
          name, gl.getUniformLocation(this.program, name),
        ])
      );
      this.array = gl.createVertexArray();
      this.places = gl.createBuffer();
      this.states = gl.createBuffer();
      this.indices = gl.createBuffer();
      this.moved = true;
    }

    onRemove(map, gl) {
      gl.deleteProgram(this.program);
      gl.deleteVertexArray(this.array);
      for (const buffer of [this.places, this.states, this.indices]) gl.deleteBuffer(buffer);
      this.map = null;
    }

    render(gl, { defaultProjectionData }) {
      if (!this.count) return;
      gl.useProgram(this.program);
      gl.bindVertexArray(this.array);
      this._upload(gl);
      this._uniforms(gl, defaultProjectionData.mainMatrix);
      gl.drawArrays(gl.POINTS, 0, this.count);
      // Once more, above the calm ones: those that are not, by their indices.
      if (this.odd) gl.drawElements(gl.POINTS, this.odd, gl.UNSIGNED_INT, 0);
      gl.bindVertexArray(null);
    }

    _upload(gl) {
      if (this.moved) {
        gl.bindBuffer(gl.ARRAY_BUFFER, this.places);
        gl.bufferData(gl.ARRAY_BUFFER, this.offsets, gl.STATIC_DRAW);
        gl.enableVertexAttribArray(0);
        gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
      }
      if (this.moved || this.changed) {
        gl.bindBuffer(gl.ARRAY_BUFFER, this.states);
        gl.bufferData(gl.ARRAY_BUFFER, this.drawn, gl.DYNAMIC_DRAW);
        gl.enableVertexAttribArray(1);
        gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_BYTE, 0, 0);
        const odd = oddities(this.drawn);
        gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, this.indices);
        gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, odd, gl.DYNAMIC_DRAW);
        this.odd = odd.length;
      }
      this.moved = this.changed = false;
    }

    _uniforms(gl, matrix) {
      const zoom = this.map.getZoom();
      const { where } = this;
      gl.uniformMatrix4fv(where.matrix, false, cornered(matrix, this.corner));
      gl.uniform2f(where.radius, atZoom(LAMP.radius, zoom), atZoom(RING.radius, zoom));
      gl.uniform2f(where.edge, atZoom(LAMP.edge, zoom), atZoom(RING.edge, zoom));
      gl.uniform1f(where.opacity, atZoom(LAMP.opacity, zoom));
      gl.uniform1f(where.ratio, this.map.getPixelRatio());
      gl.uniform1i(where.rings, zoom < GLYPH_ZOOM ? 1 : 0);
      gl.uniform4fv(where.fills, this.palette.fills);
      gl.uniform4fv(where.edges, this.palette.edges);
    }
  }

  vigie.Points = Points;
  vigie.points = { atZoom, GLYPH_ZOOM };
})();
