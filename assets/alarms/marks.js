// What of the alarms stands on the map, asked for with every change and at most once a second, and handed to the
// live store and to the ear.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const EVERY_MS = 1000;
  // In a flood the map is drawn half as often: hands and list come first.
  const FLOOD_MS = 2500;
  const AGAIN_MS = 3000;

  class Marks {
    start() {
      if (this.started) return;
      this.started = true;
      vigie.live.subscribe((news) => (news.alarms || news.geometry) && this.soon());
      this.soon();
    }

    soon() {
      this.dirty = true;
      if (this.timer || this.asking) return;
      const every = this.flood ? FLOOD_MS : EVERY_MS;
      const wait = Math.max(0, (this.askedAt || -every) + every - performance.now());
      this.timer = setTimeout(() => this._ask(), wait);
    }

    async _ask() {
      this.timer = null;
      this.dirty = false;
      this.asking = true;
      this.askedAt = performance.now();
      try {
        const found = await vigie.alarmDoors.ask("marks.json");
        this.flood = found.flood;
        vigie.live.mark(found);
        vigie.alarmSounds.hear(found);
      } catch (error) {
        console.warn("vigie: no marks of alarms:", error.message);
        if (error.status !== 403) setTimeout(() => this.soon(), AGAIN_MS);
      }
      this.asking = false;
      if (this.dirty) this.soon();
    }
  }

  vigie.alarmMarks = new Marks();
})();
