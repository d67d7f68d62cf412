// What the page does by itself: times in the reader's zone, "/" for the search, and what is new without a reload.
// Without it everything can still be read and done.
"use strict";

const STEPS = [[31536000, "year"], [2592000, "month"], [604800, "week"], [86400, "day"], [3600, "hour"], [60, "minute"]];
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });

function ago(then, now) {
  const seconds = (now - then) / 1000;
  for (const [size, unit] of STEPS) {
    const number = Math.floor(Math.abs(seconds) / size);
    if (number) {
      const said = `${number} ${unit}${number === 1 ? "" : "s"}`;
      return seconds > 0 ? `${said} ago` : `in ${said}`;
    }
  }
  return seconds >= 0 ? "just now" : "in a moment";
}

function tell(root) {
  const now = Date.now();
  for (const time of root.querySelectorAll("time[datetime]")) {
    const then = Date.parse(time.dateTime);
    if (Number.isNaN(then)) continue;
    if (time.dataset.as === "day") time.textContent = DAY.format(then);
    else if (time.dataset.as === "exact") time.textContent = EXACT.format(then);
    else time.textContent = ago(then, now);
    time.title = EXACT.format(then);
  }
}

tell(document);
setInterval(() => tell(document), 30000);
document.addEventListener("htmx:afterSwap", () => tell(document));

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !busy && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("find")?.focus();
  }
});

// An open page is renewed when something came in, unless somebody is at work in it: then it says so and waits.
const live = document.querySelector("[data-live]");
if (live) {
  const news = document.getElementById("news");
  const atWork = () => {
    const part = document.querySelector("[data-live]");
    return part?.contains(document.activeElement) || part?.querySelector("details[open]");
  };
  const renew = () => {
    news.hidden = true;
    document.body.dispatchEvent(new Event("changed"));
  };
  news.querySelector("button").addEventListener("click", renew);
  const stream = new EventSource(`/live?seen=${live.dataset.live}`);
  stream.addEventListener("changed", () => {
    if (atWork()) news.hidden = false;
    else renew();
  });
  addEventListener("pagehide", () => stream.close());
}
