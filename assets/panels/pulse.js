// vigie.Pulse: draws nothing; tells callbacks that the live city changed enough to ask the server again.
(function () {
  "use strict";
  const vigie = (window.vigie = window.vigie || {});
  const EVERY_MS = 1000;

  vigie.Pulse = function Pulse(props) {
    const { useEffect, useRef } = window.React;
    const own = useRef({ told: {} });
    own.current.setProps = props.setProps;
    useEffect(() => {
      const store = vigie.store(props.mode);
      const tell = () => {
        own.current.timer = null;
        own.current.at = performance.now();
        const told = own.current.told;
        const now = { attention: store.attention, link: store.link.state, version: store.version, alarms: store.alarms };
        const news = Object.fromEntries(Object.entries(now).filter(([name, value]) => told[name] !== value));
        own.current.told = now;
        if (Object.keys(news).length && own.current.setProps) own.current.setProps(news);
      };
      const soon = () => {
        if (own.current.timer) return;
        const wait = Math.max(0, (own.current.at || 0) + EVERY_MS - performance.now());
        own.current.timer = setTimeout(tell, wait);
      };
      const stop = store.subscribe(soon);
      store.start();
      soon();
      return () => {
        clearTimeout(own.current.timer);
        stop();
      };
    }, []);
    return null;
  };
})();
