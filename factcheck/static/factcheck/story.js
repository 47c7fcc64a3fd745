// Says how much changed since this browser last showed the story. What it remembers stays here.
(() => {
  "use strict";
  const line = document.getElementById("news");
  const moments = line.dataset.moments.split(" ");
  const key = `seen ${location.pathname}`;
  let seen;
  try {
    seen = sessionStorage.getItem(key) ?? localStorage.getItem(key) ?? "";
    sessionStorage.setItem(key, seen);  // a reload is the same visit
    localStorage.setItem(key, moments[0]);
  } catch {
    return;  // it may remember nothing
  }
  const news = moments.filter((moment) => moment > seen).length;
  if (!seen || !news) return;
  const last = moments[news];
  const link = line.querySelector("a");
  if (last) link.href = `since/${last}/`;
  line.querySelector("b").textContent = news;
  line.hidden = false;
})();
