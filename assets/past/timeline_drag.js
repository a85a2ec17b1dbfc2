// The pointer on the timeline: one finger or the left button moves the hand, the axis and the other buttons pan, two
// fingers and the wheel zoom around where they are.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const WHEEL = 1.0016;
  const COARSE_SPAN_S = 3 * 86400;
  const COARSE_S = 60;

  const timeAt = (box, clientX, view) => view.t0 + ((clientX - box.left) / Math.max(1, box.width)) * (view.t1 - view.t0);

  // An instant as fine as a pixel can mean.
  function rounded(at, span) {
    const grain = span > COARSE_SPAN_S ? COARSE_S : 1;
    return Math.round(at / grain) * grain;
  }

  function wheel(event, box) {
    const { clock } = vigie;
    if (!clock.view) return;
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      clock.look(clock.view.t0 + (sideways / Math.max(1, box.width)) * clock.span);
      return;
    }
    clock.zoom(clock.span * WHEEL ** event.deltaY, timeAt(box, event.clientX, clock.view));
  }

  // Two fingers: what lay under each stays under it.
  function pinch(fingers, start, box) {
    const [one, two] = [...fingers.values()];
    const far = Math.max(12, Math.abs(one - two));
    const span = vigie.time.clamp((start.span * start.far) / far, vigie.time.LEAST_SPAN_S, vigie.time.MOST_SPAN_S);
    const share = ((one + two) / 2 - box.left) / Math.max(1, box.width);
    vigie.clock.look(start.middle - share * span, span);
  }

  class Drag {
    constructor(track) {
      Object.assign(this, { track, fingers: new Map(), mode: null });
    }

    get box() {
      return this.track.getBoundingClientRect();
    }

    down(event) {
      const { clock, hand } = vigie;
      this.track.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event.clientX);
      if (this.fingers.size === 2) return this._pinch();
      const onAxis = event.clientY > this.box.top + vigie.timelineAxis.AXIS;
      this.mode = event.button !== 0 || event.shiftKey || onAxis ? "pan" : "hand";
      this.from = { x: event.clientX, t0: clock.view.t0 };
      if (this.mode === "hand") this._hand(event);
      hand.prepare();
    }

    _pinch() {
      const { clock } = vigie;
      const [one, two] = [...this.fingers.values()];
      this.mode = "pinch";
      this.start = { span: clock.span, far: Math.max(12, Math.abs(one - two)), middle: timeAt(this.box, (one + two) / 2, clock.view) };
    }

    _hand(event) {
      const { clock, hand } = vigie;
      // The stretch seen stands still under a hand that is dragged: it stays within.
      const { t0, t1 } = clock.view;
      hand.drag(vigie.time.clamp(rounded(timeAt(this.box, event.clientX, clock.view), clock.span), Math.ceil(t0), Math.floor(t1)));
    }

    move(event) {
      if (!this.fingers.has(event.pointerId)) return;
      this.fingers.set(event.pointerId, event.clientX);
      if (this.mode === "hand") this._hand(event);
      else if (this.mode === "pinch" && this.fingers.size === 2) pinch(this.fingers, this.start, this.box);
      else if (this.mode === "pan") vigie.clock.look(this.from.t0 - ((event.clientX - this.from.x) / Math.max(1, this.box.width)) * vigie.clock.span);
    }

    up(event) {
      if (!this.fingers.delete(event.pointerId)) return;
      if (this.mode === "hand") vigie.hand.rest();
      if (this.mode === "pinch" && this.fingers.size) return;
      this.mode = null;
    }
  }

  // The handlers of a track, and its wheel, which must be able to keep the page from scrolling.
  vigie.useDrag = function useDrag(track) {
    const { useEffect, useRef } = window.React;
    const drag = useRef(null);
    useEffect(() => {
      if (!track.current) return undefined;
      const element = track.current;
      drag.current = new Drag(element);
      const turned = (event) => wheel(event, element.getBoundingClientRect());
      element.addEventListener("wheel", turned, { passive: false });
      return () => element.removeEventListener("wheel", turned);
    }, [track.current]);
    const to = (name) => (event) => drag.current && vigie.clock.view && drag.current[name](event);
    return {
      onPointerDown: to("down"), onPointerMove: to("move"), onPointerUp: to("up"), onPointerCancel: to("up"),
      onContextMenu: (event) => event.preventDefault(),
    };
  };
})();
