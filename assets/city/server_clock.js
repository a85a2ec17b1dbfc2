// The server's clock, kept on the browser's monotonic one: no age on screen ever depends on the computer's time.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const CREDIBLE_STEP_S = 1;
  const STEPS_BELIEVED = 3;

  class ServerClock {
    constructor(elapsed = () => performance.now() / 1000) {
      this.elapsed = elapsed;
      this.offset = null;
      this.slower = 0;
    }

    // A beat that waited in a buffer is old: it may not turn the clock back. A server whose clock was set back
    // says so in every beat, and is believed at the third.
    // `ago` is for what is known to have been said a while ago, in seconds.
    set(serverSeconds, ago = 0) {
      const offset = serverSeconds + ago - this.elapsed();
      const behind = this.offset !== null && offset < this.offset - CREDIBLE_STEP_S;
      this.slower = behind ? this.slower + 1 : 0;
      if (this.offset === null || offset > this.offset || this.slower >= STEPS_BELIEVED) {
        this.offset = offset;
        this.slower = 0;
      }
    }

    // The computer slept for so many seconds, which the browser's clock did not count.
    slept(seconds) {
      if (this.offset !== null) this.offset += seconds;
    }

    // Seconds since 1970, or null before the server has spoken.
    now() {
      return this.offset === null ? null : this.elapsed() + this.offset;
    }
  }

  vigie.ServerClock = ServerClock;
})();
