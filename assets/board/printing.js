// The print button of a board. Definitions and tables stay as the reader left them.
(function () {
  "use strict";
  const own = (window.dash_clientside = window.dash_clientside || {});
  own.vigie_board = {
    print(clicks) {
      if (clicks) window.print();
      return clicks || 0;
    },
  };
})();
