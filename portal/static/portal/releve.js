// Small comforts on top of pages that work without any script.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});

// htmx leaves the page as it was when the server refuses: say so, in the page's own words.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(name, () => {
    const notice = document.getElementById("connection-notice");
    if (notice) notice.hidden = false;
  });
}

// Menus are <details>: close them on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
});

// After a refused form the reader starts at the list of errors.
const showErrors = () => {
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
};
showErrors();
document.addEventListener("htmx:afterSettle", showErrors);

// A file dropped on the zone goes into its file input. Listened to on the document, so that swapped-in zones work too.
const zoneOf = (event) => (event.target.closest ? event.target.closest("[data-drop]") : null);
document.addEventListener("dragover", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.add("over");
});
document.addEventListener("dragleave", (event) => {
  const zone = zoneOf(event);
  if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  const zone = zoneOf(event);
  if (!zone) return;
  event.preventDefault();
  zone.classList.remove("over");
  const input = zone.querySelector('input[type="file"]');
  const dropped = [...event.dataTransfer.files];
  if (!input || !dropped.length) return;
  const files = new DataTransfer();
  for (const file of input.multiple ? dropped : dropped.slice(0, 1)) files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
