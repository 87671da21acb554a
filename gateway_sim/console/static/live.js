"use strict";
// While a poll is under way its part of the page is fetched again each second, so that the focus and the buttons
// above stay where they are. Without JavaScript the whole page is loaded again instead. When the poll is over the
// page is loaded once more: its buttons change then.
const PAUSE = 1000;

async function renew() {
  const live = document.getElementById("live");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (!fresh || !fresh.hasAttribute("data-busy")) {
      location.reload();
      return;
    }
    if (!live.contains(document.activeElement)) {
      live.replaceWith(fresh);
    }
  } catch {
    // the console is being restarted: try again
  }
  setTimeout(renew, PAUSE);
}

setTimeout(renew, PAUSE);
