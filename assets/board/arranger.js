// vigie.Arranger: the tiles of a composed board in a grid of three columns. While it is arranged a tile is dragged by
// its bar, or moved, widened and removed with buttons and arrow keys; what happened is read out, and can be undone.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const { h, fill, classes, symbol } = vigie.draw;
  const COLUMNS = 3;
  const STEPS_BACK = 50;

  // --- where tiles go ------------------------------------------------------------------------------------------

  function moved(tiles, from, to) {
    const next = [...tiles];
    const [one] = next.splice(from, 1);
    next.splice(Math.max(0, Math.min(to, next.length)), 0, one);
    return next;
  }

  // The row and first column of each tile, as the grid lays them out.
  function placed(tiles) {
    let [row, column] = [0, 0];
    return tiles.map(({ width }) => {
      if (column + width > COLUMNS) [row, column] = [row + 1, 0];
      const place = { row, column };
      column += width;
      return place;
    });
  }

  // Where a tile goes one row up or down: to the tile that stands nearest its own column.
  function beside(tiles, at, step) {
    const places = placed(tiles);
    const wanted = places[at].row + step;
    const row = places.map((place, index) => ({ ...place, index })).filter((place) => place.row === wanted);
    if (!row.length) return step < 0 ? 0 : tiles.length - 1;
    const near = (place) => Math.abs(place.column - places[at].column);
    return row.reduce((best, place) => (near(place) < near(best) ? place : best)).index;
  }

  const TO = {
    ArrowLeft: (_tiles, at) => at - 1,
    ArrowRight: (_tiles, at) => at + 1,
    ArrowUp: (tiles, at) => beside(tiles, at, -1),
    ArrowDown: (tiles, at) => beside(tiles, at, 1),
  };

  // --- the component -------------------------------------------------------------------------------------------

  vigie.Arranger = function Arranger(props) {
    const React = window.React;
    const { labels = {}, names = {} } = props;
    const [state, setState] = React.useState({ tiles: props.tiles, back: [], dirty: false });
    const [drag, setDrag] = React.useState(null);
    const [said, say] = React.useState("");
    const root = React.useRef(null);
    const focus = React.useRef(null);
    const children = React.Children.toArray(props.children);
    const content = new Map(props.tiles.map((tile, at) => [tile.key, children[at]]));
    const tiles = props.editing ? state.tiles.filter((tile) => content.has(tile.key)) : props.tiles;

    // The server put tiles there (one was added): what was undone before would bring back another board.
    const given = JSON.stringify(props.tiles);
    const first = React.useRef(true);
    React.useEffect(() => {
      const added = !first.current;
      first.current = false;
      setState({ tiles: props.tiles, back: [], dirty: added });
      if (added && props.tiles.length) focus.current = { key: props.tiles[props.tiles.length - 1].key };
      if (props.editing && props.setProps) props.setProps({ arranged: props.tiles });
    }, [given]);
    React.useEffect(() => setState((was) => ({ ...was, dirty: false })), [props.kept]);
    React.useEffect(() => {
      if (!props.editing || !state.dirty) return undefined;
      const warn = (event) => event.preventDefault();
      window.addEventListener("beforeunload", warn);
      return () => window.removeEventListener("beforeunload", warn);
    }, [props.editing, state.dirty]);
    // A button that moved with its tile keeps the keyboard.
    React.useEffect(() => {
      if (!focus.current || !root.current) return;
      const { key, part } = focus.current;
      focus.current = null;
      const tile = root.current.querySelector(`[data-tile="${CSS.escape(key)}"]`);
      const wanted = tile && (part ? tile.querySelector(`[data-part="${part}"]:not([disabled])`) : null);
      const found = wanted || (tile && tile.querySelector("[data-part=grip]"));
      if (found) found.focus();
    });

    function change(next, words) {
      setState((was) => ({ tiles: next, back: [...was.back, was.tiles].slice(-STEPS_BACK), dirty: true }));
      if (props.setProps) props.setProps({ arranged: next });
      if (words) say(words);
    }
    function undo() {
      if (!state.back.length) return;
      const next = state.back[state.back.length - 1];
      setState((was) => ({ tiles: next, back: was.back.slice(0, -1), dirty: true }));
      if (props.setProps) props.setProps({ arranged: next });
      say(labels.undone);
    }
    function move(key, to, part) {
      const from = tiles.findIndex((tile) => tile.key === key);
      const goal = Math.max(0, Math.min(to, tiles.length - 1));
      if (from < 0 || goal === from) return;
      focus.current = { key, part };
      change(moved(tiles, from, goal), fill(labels.moved, { name: names[key], place: goal + 1, count: tiles.length }));
    }
    function widen(key, by, part) {
      const next = tiles.map((tile) => (tile.key === key ? { ...tile, width: Math.max(1, Math.min(COLUMNS, tile.width + by)) } : tile));
      focus.current = { key, part };
      change(next, fill(labels.widened, { name: names[key], width: next.find((tile) => tile.key === key).width }));
    }
    function remove(key) {
      const at = tiles.findIndex((tile) => tile.key === key);
      const next = tiles.filter((tile) => tile.key !== key);
      if (next.length) focus.current = { key: next[Math.min(at, next.length - 1)].key };
      change(next, fill(labels.removed, { name: names[key] }));
    }
    function write(key, text) {
      change(tiles.map((tile) => (tile.key === key ? { ...tile, text } : tile)));
    }

    // --- by pointer --------------------------------------------------------------------------------------------

    function over(event, key) {
      if (!drag || drag.key === key) return;
      event.preventDefault();
      const box = event.currentTarget.getBoundingClientRect();
      const after = event.clientX > box.left + box.width / 2;
      if (drag.over !== key || drag.after !== after) setDrag({ ...drag, over: key, after });
    }
    function drop(event) {
      event.preventDefault();
      if (drag && drag.over) {
        const rest = tiles.filter((tile) => tile.key !== drag.key);
        move(drag.key, rest.findIndex((tile) => tile.key === drag.over) + (drag.after ? 1 : 0), "grip");
      }
      setDrag(null);
    }
    const dragging = (key) => ({
      draggable: true,
      onDragStart(event) {
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", key);
        setDrag({ key, over: null, after: false });
      },
      onDragEnd: () => setDrag(null),
    });

    // --- drawing -----------------------------------------------------------------------------------------------

    function button(part, key, text, icon, act, disabled) {
      const label = fill(text, { name: names[key] });
      return h("button", {
        key: part, type: "button", className: "tile-act", "data-part": part, title: label, "aria-label": label, disabled,
        onClick: act,
      }, icon);
    }
    function bar(tile, at) {
      const { key } = tile;
      const go = (arrow, part) => move(key, TO[arrow](tiles, at), part);
      const onKeyDown = (event) => {
        if (!(event.key in TO)) return;
        event.preventDefault();
        go(event.key, "grip");
      };
      const last = tiles.length - 1;
      return h("div", { key: "bar", className: "tile-bar", ...dragging(key) }, [
        h("button", {
          key: "grip", type: "button", className: "tile-grip", "data-part": "grip", onKeyDown,
          "aria-label": fill(labels.grip, { name: names[key], place: at + 1, count: tiles.length }),
        }, [h("span", { key: "dots", "aria-hidden": true, className: "tile-dots" }, "⠿"), h("span", { key: "name" }, names[key])]),
        h("span", { key: "acts", className: "tile-acts" }, [
          button("left", key, labels.left, "←", () => go("ArrowLeft", "left"), at === 0),
          button("right", key, labels.right, "→", () => go("ArrowRight", "right"), at === last),
          button("up", key, labels.up, "↑", () => go("ArrowUp", "up"), at === 0),
          button("down", key, labels.down, "↓", () => go("ArrowDown", "down"), at === last),
          button("narrow", key, labels.narrow, "−", () => widen(key, -1, "narrow"), tile.width === 1),
          h("span", { key: "width", className: "tile-width", "aria-hidden": true }, `${tile.width}/${COLUMNS}`),
          button("widen", key, labels.widen, "+", () => widen(key, 1, "widen"), tile.width === COLUMNS),
          button("remove", key, labels.remove, symbol("icon", "close", 16), () => remove(key)),
        ]),
      ]);
    }
    function text(tile) {
      return h("textarea", {
        key: "text", className: "tile-writing", rows: 5, maxLength: 2000, value: tile.text || "",
        "aria-label": labels.text, placeholder: labels.text_hint, onChange: (event) => write(tile.key, event.target.value),
      });
    }
    const drawn = tiles.map((tile, at) => h("section", {
      key: tile.key, "data-tile": tile.key, "aria-label": names[tile.key],
      className: classes("tile", `kind-${tile.kind}`, `tile-${tile.width}`, drag && drag.key === tile.key && "dragged",
        drag && drag.over === tile.key && (drag.after ? "drop-after" : "drop-before")),
      ...(props.editing ? { onDragOver: (event) => over(event, tile.key), onDrop: drop } : {}),
    }, [
      props.editing && bar(tile, at),
      props.editing && tile.kind === "text" ? text(tile) : h("div", { key: "content", className: "tile-content" }, content.get(tile.key)),
    ]));
    const above = props.editing && h("div", { key: "above", className: "arranger-above" }, [
      h("button", { key: "undo", type: "button", className: "button small", disabled: !state.back.length, onClick: undo, "data-part": "undo" }, labels.undo),
      h("span", { key: "state", className: "quiet" }, state.dirty ? labels.unsaved : labels.saved),
      h("span", { key: "said", className: "hidden-said", role: "status", "aria-live": "polite" }, said),
    ]);
    return h("div", { id: props.id, ref: root, className: classes("arranger", props.editing && "editing") }, [
      above, h("div", { key: "tiles", className: "tiles" }, drawn),
    ]);
  };
})();
