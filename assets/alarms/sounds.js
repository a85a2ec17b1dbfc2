// What is heard: a figure of its own for each priority, once for a cause, made by the browser itself. In a flood
// only what is critical sounds. Silence is asked for, seen, counted down, and ends by itself.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const CHOICES = [2, 5, 15];
  const KEY = "vigie.mute";
  const KEPT = 5000;
  const BETWEEN_MS = 1500;
  // [frequency Hz, begin s, length s] of each tone: critical rises and repeats, low is one soft tone.
  const FIGURES = {
    1: { gain: 0.3, tones: [[880, 0, 0.12], [1175, 0.15, 0.12], [1568, 0.3, 0.16], [880, 0.6, 0.12], [1175, 0.75, 0.12], [1568, 0.9, 0.16]] },
    2: { gain: 0.2, tones: [[988, 0, 0.16], [784, 0.2, 0.22]] },
    3: { gain: 0.14, tones: [[659, 0, 0.24]] },
    4: { gain: 0.08, tones: [[440, 0, 0.2]] },
  };

  class Sounds {
    constructor() {
      this.heard = null;
      this.missed = [];
      this.listeners = new Set();
      this.lastAt = -BETWEEN_MS;
      for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => this._unblock(), { passive: true });
    }

    subscribe(listener) {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    }

    _tell() {
      for (const listener of this.listeners) listener();
    }

    // --- what there is to hear --------------------------------------------------------------------------------

    // Every cause of the room (alarms/marks.js). What was there when the page came has been heard by somebody.
    hear(marks) {
      const now = new Map(marks.id.map((id, at) => [id, marks.activations[at]]));
      const open = marks.id
        .map((id, at) => ({ id, priority: marks.priority[at], activations: marks.activations[at], calls: marks.active[at] && !marks.acknowledged[at] }))
        .filter((one) => one.calls);
      this.open = new Set(open.map((one) => one.id));
      const fresh = this.heard ? open.filter((one) => !(this.heard.get(one.id) >= one.activations)) : [];
      // What is beyond the marks' number is not forgotten: it may only have been crowded out.
      this.heard = this.heard && now.size + this.heard.size < KEPT ? new Map([...this.heard, ...now]) : now;
      const loud = marks.flood ? fresh.filter((one) => one.priority === 1) : fresh;
      if (loud.length) this._announce(loud);
    }

    _announce(found) {
      const urgent = found.reduce((best, one) => (one.priority < best.priority ? one : best));
      if (this.mutedUntil()) this.missed.push(...found.filter((one) => one.priority === 1));
      else this.play(urgent.priority);
    }

    play(priority) {
      // Several at once are one figure, the most urgent; one right after another is still being heard.
      const now = performance.now();
      if (now - this.lastAt < BETWEEN_MS && priority >= this.lastPriority) return;
      this.lastAt = now;
      this.lastPriority = priority;
      const context = this._context();
      window.dispatchEvent(new CustomEvent("vigie:alarm-sound", { detail: { priority, blocked: this.blocked } }));
      if (!context || context.state !== "running") return;
      const { gain, tones } = FIGURES[priority];
      for (const [frequency, begin, length] of tones) tone(context, gain, frequency, context.currentTime + begin, length);
    }

    // --- the browser's leave ----------------------------------------------------------------------------------

    _context() {
      const Context = window.AudioContext;
      if (!this.context && Context) {
        this.context = new Context();
        this.context.onstatechange = () => this._tell();
      }
      return this.context;
    }

    // Until somebody has touched the page, a browser keeps it silent.
    get blocked() {
      return Boolean(this.context && this.context.state === "suspended");
    }

    begin() {
      this._context();
      this._tell();
    }

    _unblock() {
      if (this.blocked) this.context.resume().then(() => this._tell(), () => this._tell());
    }

    // --- silence ----------------------------------------------------------------------------------------------

    // When silence ends, ms since 1970; 0 while nothing is muted. Kept in this browser: the loudspeaker is its own.
    mutedUntil() {
      const until = Number(window.localStorage.getItem(KEY) || 0);
      const longest = Date.now() + CHOICES[CHOICES.length - 1] * 60000 + 1000;
      return until > Date.now() && until <= longest ? until : 0;
    }

    mute(minutes) {
      window.localStorage.setItem(KEY, String(Date.now() + minutes * 60000));
      this._wake();
      this._tell();
    }

    unmute() {
      window.localStorage.removeItem(KEY);
      this._ended();
    }

    _wake() {
      clearTimeout(this.timer);
      const until = this.mutedUntil();
      if (until) this.timer = setTimeout(() => (this.mutedUntil() ? this._wake() : this._ended()), until - Date.now() + 20);
    }

    // What was critical while nothing could be heard, and still waits, is heard now.
    _ended() {
      clearTimeout(this.timer);
      const waiting = this.missed.filter((one) => this.open && this.open.has(one.id));
      this.missed = [];
      if (waiting.length) this.play(1);
      this._tell();
    }
  }

  function tone(context, loud, frequency, at, length) {
    const source = context.createOscillator();
    const gain = context.createGain();
    source.type = "triangle";
    source.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(loud, at + 0.012);
    gain.gain.setValueAtTime(loud, at + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, at + length);
    source.connect(gain).connect(context.destination);
    source.start(at);
    source.stop(at + length);
  }

  vigie.alarmSounds = new Sounds();
  vigie.alarmSounds.CHOICES = CHOICES;
})();
