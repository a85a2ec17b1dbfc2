// The film of the past: chunks of changes (/history/changes) on the state they begin with, kept in memory, so that
// any instant within them is made here and now, without asking the server for each picture.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  // Every console asks for the same chunks, so that the server makes each of them once.
  const CHUNK_S = 3 * 3600;
  const KEPT = 28;
  const PATIENCE_MS = 20000;
  const HEAD_BYTES = 32;

  // The wire: u4 version, events, changes, flags, f8 t0, t1, then f4 offset, u4 index, u1 code for each event.
  function decode(buffer) {
    const head = new DataView(buffer);
    const [version, events, changes, flags] = [0, 4, 8, 12].map((at) => head.getUint32(at, true));
    const at = HEAD_BYTES;
    return {
      version, events, changes, flags,
      t0: head.getFloat64(16, true),
      t1: head.getFloat64(24, true),
      offset: new Float32Array(buffer.slice(at, at + 4 * events)),
      index: new Uint32Array(buffer.slice(at + 4 * events, at + 8 * events)),
      code: new Uint8Array(buffer.slice(at + 8 * events, at + 9 * events)),
    };
  }

  async function readChanges(t0, t1) {
    const { iso } = vigie.time;
    const address = `/history/changes?t0=${encodeURIComponent(iso(t0))}&t1=${encodeURIComponent(iso(t1))}`;
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`changes: status ${answer.status}`);
    return decode(await answer.arrayBuffer());
  }

  // How many events of `chunk` are not after `at`: the first place after them.
  function upTo(chunk, at) {
    const wanted = at - chunk.t0;
    let low = 0;
    let high = chunk.events;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chunk.offset[middle] <= wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function laid(chunk, codes, from, to) {
    for (let at = from; at < to; at++) codes[chunk.index[at]] = chunk.code[at];
    return codes;
  }

  class Film {
    constructor() {
      this.chunks = new Map();
    }

    clear() {
      this.chunks.clear();
    }

    // The bounds of the chunk that holds `at`: multiples of its length, the last one ends now.
    boundsOf(at, limit = vigie.clock.now) {
      const t0 = Math.floor(at / CHUNK_S) * CHUNK_S;
      return [t0, Math.min(t0 + CHUNK_S, limit)];
    }

    // The changes of (t0, t1], once for all who ask. What ends now is asked again: it grows.
    read(t0, t1) {
      const key = `${t0}-${t1}`;
      if (!this.chunks.has(key)) {
        const asked = readChanges(t0, t1).then((chunk) => Object.assign(entry, { chunk }).chunk);
        const entry = { asked, t0, t1, chunk: null, base: null };
        asked.catch(() => this.chunks.delete(key));
        this.chunks.set(key, entry);
        this._forget();
      }
      const entry = this.chunks.get(key);
      // The newest asked for stays the longest.
      this.chunks.delete(key);
      this.chunks.set(key, entry);
      return entry.asked;
    }

    _forget() {
      for (const key of [...this.chunks.keys()].slice(0, Math.max(0, this.chunks.size - KEPT))) this.chunks.delete(key);
    }

    // Make the chunk around `at` ready for `codesAt`: its changes, and the codes it begins with.
    async prepare(at) {
      const [t0, t1] = this.boundsOf(at);
      if (t1 <= t0) return;
      await this.read(t0, t1);
      const entry = this.chunks.get(`${t0}-${t1}`);
      if (entry && !entry.base) entry.base = this._endOf(t0) || (await vigie.past.read(t0)).codes;
    }

    // The codes at the end of the chunk before, if that one is whole.
    _endOf(t0) {
      const before = this.chunks.get(`${t0 - CHUNK_S}-${t0}`);
      if (!before || !before.chunk || !before.base) return null;
      return laid(before.chunk, before.base.slice(), 0, before.chunk.events);
    }

    // Every display code at `at`, or null while that chunk is not here.
    codesAt(at) {
      for (const { t0, t1, chunk, base } of this.chunks.values()) {
        if (!chunk || !base || at < t0 || at > t1 || chunk.version !== vigie.past.version) continue;
        return laid(chunk, base.slice(), 0, upTo(chunk, at));
      }
      return null;
    }
  }

  vigie.film = new Film();
  Object.assign(vigie.film, { CHUNK_S, upTo });
})();
