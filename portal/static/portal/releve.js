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

// The key "/" goes to the search: the page's own field, else the one in the header. Who types "/" otherwise turns it off.
const slash = { on: () => localStorage.getItem("slash") !== "off" };
const toSearch = () => {
  const own = document.querySelector("main [data-search]");
  const menu = document.querySelector("details.search-menu");
  if (!own && !menu) return false;
  if (!own) menu.open = true;
  (own || menu.querySelector("[data-search]")).focus();
  return true;
};
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !slash.on()) return;
  if (event.target.closest && event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (toSearch()) event.preventDefault();
});
for (const menu of document.querySelectorAll("details.search-menu")) {
  menu.addEventListener("toggle", () => menu.open && menu.querySelector("[data-search]").focus());
}
for (const choice of document.querySelectorAll("[data-slash]")) {
  const box = choice.querySelector("input");
  box.checked = slash.on();
  choice.hidden = false;
  box.addEventListener("change", () => localStorage.setItem("slash", box.checked ? "on" : "off"));
}

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

// The browser words its own file button in its own language: the zone says in the page's what was chosen.
const nameFiles = (zone) => {
  const input = zone.querySelector('input[type="file"]');
  const told = zone.querySelector("output");
  if (!input || !told) return;
  told.textContent = [...input.files].map((file) => file.name).join(", ") || told.dataset.none;
};
document.addEventListener("change", (event) => {
  const zone = event.target.type === "file" && zoneOf(event);
  if (zone) nameFiles(zone);
});

// So with days: where the browser's language is not the page's, the day stands below in words for who is at its field.
// Not for all fields at once: what comes after the first paint moves the page under its reader.
const sayDay = (input) => {
  const language = document.documentElement.lang;
  if (navigator.language.slice(0, 2) === language.slice(0, 2)) return;
  const shape = { date: { dateStyle: "long" }, month: { year: "numeric", month: "long" },
    "datetime-local": { dateStyle: "long", timeStyle: "short" } }[input.type];
  let told = input.nextElementSibling;
  if (!told || !told.classList.contains("day-said")) {
    told = Object.assign(document.createElement("span"), { className: "day-said" });
    input.after(told);
  }
  const local = input.value && new Date(input.value + ({ date: "T00:00", month: "-01T00:00" }[input.type] || ""));
  told.textContent = local && !isNaN(local) ? new Intl.DateTimeFormat(language, shape).format(local) : "";
};
const DAYS = 'input[type="date"], input[type="month"], input[type="datetime-local"]';
for (const kind of ["focusin", "change"])
  document.addEventListener(kind, (event) => event.target.matches(DAYS) && sayDay(event.target));

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
