// The difference of two instants: asked for when A and B stand, laid over the map while the hand rests at B.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const PATIENCE_MS = 20000;
  const NAMED = 60;
  const AGAIN_MS = 5000;
  // The kinds in the order of the wire.
  const NAMES = [
    "unchanged", "new_fault", "recovered", "dark", "degraded", "comms_lost", "maintenance", "already", "came_and_went",
  ];
  // What the sentence counts, worst first.
  const TOLD = ["new_fault", "recovered", "dark", "degraded", "comms_lost", "came_and_went"];

  // `state` is none, loading, ready or away; `answer` the route's, with `kinds` as bytes.
  const difference = { state: "none", answer: null, key: null, hidden: new Set(), listeners: new Set() };

  function tell(changes) {
    Object.assign(difference, changes);
    show();
    for (const listener of difference.listeners) listener();
  }

  async function read(a, b) {
    const { iso } = vigie.time;
    const address = `/history/difference?a=${encodeURIComponent(iso(a))}&b=${encodeURIComponent(iso(b))}`;
    const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const found = await answer.json();
    return { ...found, kinds: vigie.decode.bytes(found.kinds) };
  }

  async function ask() {
    const { a, b } = vigie.clock;
    const key = a !== null && b !== null ? `${a}-${b}` : null;
    if (key === difference.key) return;
    if (!key) return tell({ key, state: "none", answer: null });
    tell({ key, state: "loading", answer: null });
    try {
      const answer = await read(a, b);
      if (key !== difference.key) return;
      tell({ state: "ready", answer });
      // Names belong to a layout: those of another are not ours.
      if (answer.version === vigie.past.version) vigie.past.name(answer.rows.slice(0, NAMED).map(({ index, name }) => [index, name]));
    } catch (error) {
      console.warn("vigie: no difference:", error.message);
      if (key !== difference.key) return;
      tell({ state: "away" });
      setTimeout(again, AGAIN_MS, key);
    }
  }

  // Asked once more while the same two flags stand.
  function again(key) {
    if (key !== difference.key || difference.state !== "away") return;
    difference.key = null;
    ask();
  }

  // On the map only while the hand rests at B; the store keeps it, so that every map of the past draws the same.
  function show() {
    const { answer } = difference;
    const shown = vigie.clock.differs && answer && answer.kinds.length === vigie.past.count;
    if (!shown) return vigie.past.differ(null);
    const now = vigie.past.difference;
    if (now && now.kinds === answer.kinds && now.hidden === difference.hidden) return;
    vigie.past.differ({ kinds: answer.kinds, names: NAMES, hidden: difference.hidden });
  }

  // How many of each kind the filters on domains and the area leave: {new_fault: n, …}.
  function counts() {
    const { answer } = difference;
    const { past } = vigie;
    const found = Object.fromEntries(NAMES.map((name) => [name, 0]));
    if (!answer || answer.kinds.length !== past.count) return answer ? answer.totals : found;
    const hidden = past.hider();
    for (let index = 0; index < past.count; index++) if (!hidden(index)) found[NAMES[answer.kinds[index]]] += 1;
    return found;
  }

  // Switch one sign off or on; the last one off turns all on again, for an empty map says nothing.
  function toggle(name) {
    const hidden = new Set(difference.hidden);
    if (!hidden.delete(name)) hidden.add(name);
    tell({ hidden: hidden.size >= NAMES.length - 1 ? new Set() : hidden });
  }

  vigie.difference = Object.assign(difference, { NAMES, TOLD, counts, toggle });

  vigie.useDifference = function useDifference() {
    const [, redraw] = window.React.useReducer((n) => n + 1, 0);
    window.React.useEffect(() => {
      difference.listeners.add(redraw);
      return () => difference.listeners.delete(redraw);
    }, []);
    return difference;
  };

  // The clock is there before this file: what it tells decides what is asked and what is drawn.
  vigie.clock.subscribe((news) => {
    if ("a" in news || "b" in news) ask();
    if ("a" in news || "b" in news || "at" in news || "motion" in news) show();
  });
  vigie.past.subscribe((news) => {
    if (news.geometry || news.all) show();
  });
})();
