/* Copies the snippet, and lets a panel be as tall as it says. The page is whole without it. */
(function () {
  "use strict";
  document.querySelectorAll("button[data-for]").forEach(function (button) {
    var text = document.getElementById(button.dataset.for);
    button.hidden = false;
    button.addEventListener("click", function () {
      text.select();
      var done = navigator.clipboard ? navigator.clipboard.writeText(text.value) : Promise.resolve(document.execCommand("copy"));
      done.then(function () { document.getElementById(button.dataset.said).textContent = button.dataset.copied; });
    });
  });
  window.addEventListener("message", function (event) {
    var data = event.data || {};
    document.querySelectorAll("iframe").forEach(function (frame) {
      if (frame.contentWindow === event.source && data.type === "vigie:height" && data.height > 0) {
        frame.height = Math.min(Math.ceil(data.height), 2000);
      }
    });
  });
})();
