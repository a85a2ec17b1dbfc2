// The account's menu closes by Escape, by a click elsewhere and by choosing; forms carry the token of this browser.
(function () {
  "use strict";

  function close(menu, focus) {
    if (!menu || !menu.open) return;
    menu.open = false;
    if (focus) menu.querySelector("summary").focus();
  }

  const menu = () => document.querySelector("details.account-menu[open]");

  document.addEventListener("click", (event) => {
    const open = menu();
    if (open && (!open.contains(event.target) || event.target.closest("a"))) close(open, false);
  });
  document.addEventListener(
    "keydown",
    (event) => {
      const open = menu();
      if (event.key !== "Escape" || !open) return;
      event.stopPropagation();
      close(open, true);
    },
    true
  );

  // Only a page of ours can read this cookie: that it comes back in the form proves that one asked.
  function token() {
    const found = document.cookie.split("; ").find((part) => part.startsWith("csrf="));
    return found ? decodeURIComponent(found.slice(5)) : "";
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.querySelector("input[name=csrf]")) return;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "csrf";
    field.value = token();
    form.append(field);
  });
})();
