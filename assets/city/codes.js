// What a display code means: status (bits 0-2), consequence (3), freshness (4-5), as model/states.py packs it,
// and the one class an asset is drawn and counted as.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});

  // A status keeps its own number as its class; three classes are no status: one is of the network, one of time,
  // and one of the alarms, that somebody has taken it in charge.
  const NAMES = [
    "unknown", "normal", "active", "degraded", "fault", "comms_lost", "maintenance", "out_of_service",
    "consequence", "stale", "handled",
  ];
  const CLASS = Object.fromEntries(NAMES.map((name, number) => [name, number]));
  const STALE = 2;

  const isStale = (code) => ((code >> 4) & 3) >= STALE;

  function classOf(code) {
    if (code & 8) return CLASS.consequence;
    const status = code & 7;
    const calm = status === CLASS.normal || status === CLASS.active;
    return calm && isStale(code) ? CLASS.stale : status;
  }

  // Every code is one byte with two bits unused, so a table answers for the whole city at once.
  const OF_CODE = Uint8Array.from({ length: 256 }, (_, code) => classOf(code));
  const NEEDS_SOMEBODY = [CLASS.fault, CLASS.degraded, CLASS.comms_lost, CLASS.consequence, CLASS.handled];
  // What an asset of `code` is drawn as when the alarms know more of it: in hand, a consequence, or a cause of its
  // own. An alarm that lasts counts whatever the state says: a value may be wrong of what works.
  function markedAs(code, as) {
    if (as === "cause") return code & 7;
    return as === "handled" ? CLASS.handled : CLASS.consequence;
  }

  const ABNORMAL = Uint8Array.from(NAMES, (_, number) => (NEEDS_SOMEBODY.includes(number) ? 1 : 0));

  vigie.codes = {
    NAMES,
    CLASS,
    ABNORMAL,
    isStale,
    markedAs,
    classOf: (code) => OF_CODE[code],
    classesOf: (codes) => codes.map((code) => OF_CODE[code]),
  };
})();
