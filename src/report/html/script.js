// Adds search, filter, jump and copy to a page that says everything without it.
"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const items = all(".lines > li, .deviation, .lesser, .briefs > li, .reading");
  const holders = all("details.row, details.pack, .group, #deviations, #warnings, #readings, #advice, #cases, #requirements");
  const kinds = {
    wrong: ".deviates, .not-met, .deviation, .briefs > li",
    open: ".blocked, .unrun, .not-judged, .reading.none, .reading.varies",
    good: ".conforms, .met",
  };

  // Whatever is jumped to is unfolded, with all that it stands in.
  const reveal = (target) => {
    for (let at = target; at; at = at.parentElement) {
      if (at.localName === "details") at.open = true;
    }
  };
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.closest("details")) {
      reveal(target);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", follow);
  follow();

  const nav = document.querySelector("nav .inner");
  if (nav && items.length > 0) {
    const tools = document.createElement("div");
    tools.className = "tools";
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Search";
    search.setAttribute("aria-label", "Search requirements, deviations, cases and readings");
    search.setAttribute("aria-keyshortcuts", "/");
    const show = document.createElement("select");
    show.setAttribute("aria-label", "Show");
    for (const [value, name] of [["", "everything"], ["wrong", "what is wrong"], ["open", "what is open"], ["good", "what is right"]]) {
      show.append(new Option(name, value));
    }
    const found = document.createElement("output");
    tools.append(found, search, show);
    nav.append(tools);

    const texts = new Map();
    const text = (item) => {
      if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
      return texts.get(item);
    };
    let folds = null;
    const filter = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const kind = kinds[show.value];
      const asked = words.length > 0 || kind;
      folds ??= new Map(holders.filter((h) => h.localName === "details").map((h) => [h, h.open]));
      let hits = 0;
      for (const item of items) {
        const hit = (!kind || item.matches(kind)) && words.every((word) => text(item).includes(word));
        item.hidden = !hit;
        hits += hit ? 1 : 0;
      }
      for (const holder of holders) {
        const inside = items.some((item) => !item.hidden && holder.contains(item));
        holder.hidden = Boolean(asked) && !inside;
        if (folds.has(holder)) holder.open = asked ? inside : folds.get(holder);
      }
      if (!asked) folds = null;
      found.textContent = asked ? `${hits} of ${items.length}` : "";
    };
    search.addEventListener("input", filter);
    show.addEventListener("change", filter);

    // j and k: the next and the previous deviation; /: the search.
    let place = -1;
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select")) {
        if (event.key === "Escape" && event.target === search) {
          search.value = "";
          filter();
          search.blur();
        }
        return;
      }
      const stops = all(".deviation").filter((stop) => !stop.hidden);
      if (event.key === "/") {
        event.preventDefault();
        search.focus();
      } else if ((event.key === "j" || event.key === "k") && stops.length > 0) {
        place = Math.min(Math.max(place + (event.key === "j" ? 1 : -1), 0), stops.length - 1);
        reveal(stops[place]);
        stops[place].querySelector("summary").focus({ preventScroll: true });
        stops[place].scrollIntoView();
      }
    });
  }

  for (const command of all("pre.command")) {
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "copy";
    copy.textContent = "Copy";
    copy.setAttribute("aria-live", "polite");
    const run = document.createElement("div");
    run.className = "run";
    command.replaceWith(run);
    run.append(command, copy);
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(command.textContent);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(command);
        copy.textContent = "Selected";
      }
      setTimeout(() => { copy.textContent = "Copy"; }, 2000);
    });
  }
})();
