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
  document.querySelectorAll("select[data-panel]").forEach(function (select) {
    var article = select.closest("article");
    var frame = article.querySelector("iframe");
    var texts = [".frame", ".element"].map(function (kind) {
      var text = article.querySelector(kind);
      return { text: text, whole: text.value };
    });
    var whole = frame.src;
    select.closest(".choose").hidden = false;
    select.addEventListener("change", function () {
      var code = select.value;
      frame.src = code ? whole + "&area=" + encodeURIComponent(code) : whole;
      texts[0].text.value = code ? texts[0].whole.replace(/(theme=[a-z]+)/, "$1&amp;area=" + code) : texts[0].whole;
      texts[1].text.value = code ? texts[1].whole.replace(/ lang=/, ' area="' + code + '" lang=') : texts[1].whole;
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
