/* <vigie-panel name="lighting-status" lang="fr" theme="auto" area="21231" title="…">: a published panel in a page.
   The panel is a sandboxed frame of the door this script came from; nobody else is asked, nothing is stored. */
(function () {
  "use strict";
  if (!window.customElements || customElements.get("vigie-panel")) { return; }
  var home = new URL(".", document.currentScript.src);
  var SANDBOX = "allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  class Panel extends HTMLElement {
    static get observedAttributes() { return ["name", "lang", "theme", "area", "title"]; }

    connectedCallback() {
      this._hear = (event) => this._message(event);
      this._turn = () => this._show();
      window.addEventListener("message", this._hear);
      dark.addEventListener("change", this._turn);
      this._show();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this._hear);
      dark.removeEventListener("change", this._turn);
    }

    attributeChangedCallback() { if (this.isConnected) { this._show(); } }

    _theme() {
      var theme = this.getAttribute("theme") || "auto";
      return theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    }

    _address() {
      var address = new URL("embed/" + encodeURIComponent(this.getAttribute("name") || ""), home);
      var lang = this.getAttribute("lang") || document.documentElement.lang.slice(0, 2);
      if (lang === "fr" || lang === "en") { address.searchParams.set("lang", lang); }
      address.searchParams.set("theme", this._theme());
      if (this.getAttribute("area")) { address.searchParams.set("area", this.getAttribute("area")); }
      return address.href;
    }

    _show() {
      if (!this._frame) {
        this._frame = document.createElement("iframe");
        this._frame.setAttribute("sandbox", SANDBOX);
        this._frame.setAttribute("referrerpolicy", "no-referrer");
        this._frame.setAttribute("loading", "lazy");
        this._frame.style.cssText = "border:0;width:100%;height:590px;display:block";
        if (!this.style.display) { this.style.display = "block"; }
        this.replaceChildren(this._frame);
      }
      this._frame.title = this.getAttribute("title") || this.getAttribute("name") || "";
      if (this._frame.src !== this._address()) { this._frame.src = this._address(); }
    }

    _message(event) {
      var data = event.data || {};
      var mine = this._frame && event.source === this._frame.contentWindow;
      if (mine && data.type === "vigie:height" && data.height > 0) {
        this._frame.style.height = Math.min(Math.ceil(data.height), 2000) + "px";
      }
    }
  }
  customElements.define("vigie-panel", Panel);
})();
