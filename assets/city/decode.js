// From the wire to typed arrays: base64, packed changes, and the city's geometry file.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const ARRAYS = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array };

  function bytes(base64) {
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let at = 0; at < text.length; at++) out[at] = text.charCodeAt(at);
    return out;
  }

  // One change is a u32: the live index in the upper 24 bits, the display code in the lower 8.
  function changes(base64) {
    return new Uint32Array(bytes(base64).buffer);
  }

  const padded = (length) => (length + 3) & ~3;

  // Columns travel as differences from the row before, wrapping around in their own width.
  function column(buffer, at, kind, count) {
    const values = new ARRAYS[kind](buffer.slice(at, at + count * ARRAYS[kind].BYTES_PER_ELEMENT));
    for (let row = 1; row < count; row++) values[row] += values[row - 1];
    return values;
  }

  function degrees(fractions, low, high) {
    return Float64Array.from(fractions, (value) => low + (value / 65535) * (high - low));
  }

  // -> {header, count, lon, lat (degrees), type, area (place in header.areas, 255 outside), parent (index, -1)}
  function geometry(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
    const columns = {};
    let at = padded(4 + length);
    for (const [name, kind] of header.columns) {
      columns[name] = column(buffer, at, kind, header.count);
      at += padded(header.count * ARRAYS[kind].BYTES_PER_ELEMENT);
    }
    const [west, south, east, north] = header.box;
    return {
      ...columns,
      header,
      count: header.count,
      lon: degrees(columns.lon, west, east),
      lat: degrees(columns.lat, south, north),
    };
  }

  vigie.decode = { bytes, changes, geometry };
})();
