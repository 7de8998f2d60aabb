// Searches the pages that have no server: loads the parts of the index that it needs as scripts, and draws what is found.
"use strict";

window.smug2s3 = (() => {
  const { index, viewer, chunk, common } = document.currentScript.dataset;
  const asked = new URLSearchParams(location.search);
  const text = (asked.get("q") || "").slice(0, 500);
  const kind = asked.get("kind") || "";
  const year = /^[0-9]{4}$/.test(asked.get("year") || "") ? asked.get("year") : "";
  const page = Math.max(1, Number(asked.get("page")) || 1);
  const SHOWN = 100;
  const MONTH = 2 ** 24;

  const waiting = new Map();

  function load(name) {
    if (!waiting.has(name)) {
      const found = {};
      found.promise = new Promise((resolve, reject) => {
        found.resolve = resolve;
        const script = document.createElement("script");
        script.src = index.replace("shards.js", `${name}.js`);
        script.onerror = () => reject(new Error(name));
        document.head.append(script);
      });
      waiting.set(name, found);
    }
    return waiting.get(name).promise;
  }

  // The words of a text, split as by rules/shards.py.

  const SPACELESS = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
  const RUNS = new RegExp(`[${SPACELESS}]+|(?:(?![${SPACELESS}])[\\p{L}\\p{M}\\p{N}])+`, "gu");
  const WITHOUT = new RegExp(`^[${SPACELESS}]`, "u");

  function folded(words) {
    const plain = words.normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD");
    return plain.replace(/[\u0300-\u036f\ufe00-\ufe0f]/g, "").replaceAll("\u03c2", "\u03c3");
  }

  function split(words) {
    return (folded(words).match(RUNS) || []).flatMap((run) => {
      const letters = Array.from(run);
      if (!WITHOUT.test(run)) return [letters.slice(0, 40).join("")];
      return letters.length === 1 ? letters : letters.slice(1).map((letter, place) => letters[place] + letter);
    });
  }

  // Where a word and all that begin with it stand: months and places in them as one number.

  async function places(word, prefixes) {
    const wanted = prefixes.filter((prefix) => prefix.startsWith(word) || word.startsWith(prefix));
    const found = new Map();
    let known = true;
    for (const part of await Promise.all(wanted.map((prefix) => load(shard(prefix))))) {
      for (const [one, said] of Object.entries(part)) {
        if (!one.startsWith(word)) continue;
        if (said === null) known = false;
        else read(said, found);
      }
    }
    return { word, found, known };
  }

  const shard = (prefix) => `w${[...new TextEncoder().encode(prefix)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;

  function read(said, found) {
    for (const part of said.split(";")) {
      const [month, steps] = part.split(":");
      let place = 0;
      for (const step of steps.split(",")) {
        place += parseInt(step, 10);
        found.set(Number(month) * MONTH + place, step.endsWith("v"));
      }
    }
  }

  function fits(number, isVideo) {
    if (kind && (kind === "videos") !== isVideo) return false;
    return !year || String(Math.floor(number / MONTH)).slice(0, 4) === year;
  }

  async function search() {
    const { prefixes } = await load("shards");
    const all = await Promise.all([...new Set(split(text))].map((word) => places(word, prefixes)));
    const useful = all.filter((one) => one.known).sort((a, b) => a.found.size - b.found.size);
    const vague = all.filter((one) => !one.known).map((one) => one.word);
    if (!useful.length) return { numbers: [], vague };
    const [least, ...others] = useful;
    const numbers = [...least.found].filter(([number, isVideo]) => fits(number, isVideo) && others.every((one) => one.found.has(number)));
    return { numbers: numbers.map(([number]) => number).sort(latest), vague };
  }

  // The newest month first, and in it the order of its own page.
  function latest(a, b) {
    const [one, other] = [a, b].map((number) => Math.floor(number / MONTH));
    return other - one || a - b;
  }

  // The page.

  const element = (id) => document.getElementById(id);

  function say(sentence) {
    element("said").hidden = false;
    element("said").textContent = sentence;
  }

  function lead(number, words, rel) {
    const link = document.createElement("a");
    const query = new URLSearchParams(asked);
    query.set("page", number);
    Object.assign(link, { href: `?${query}`, rel, textContent: words });
    return link;
  }

  async function show(numbers) {
    const shown = numbers.slice((page - 1) * SHOWN, page * SHOWN);
    const found = await Promise.all(
      shown.map(async (number) => {
        const [month, place] = [Math.floor(number / MONTH), number % MONTH];
        const part = await load(`items-${month}-${Math.floor(place / chunk)}`);
        return { tile: part.tiles[place % chunk], told: part.told[place % chunk] };
      }),
    );
    found.forEach(({ tile }, number) => {
      element("found").insertAdjacentHTML("beforeend", tile); // its names were escaped when it was written
      element("found").lastElementChild.querySelector("[data-number]").dataset.number = number;
    });
    Object.assign(element("items").dataset, { first: (page - 1) * SHOWN, count: numbers.length });
    element("items").textContent = JSON.stringify(found.map(({ told }) => told));
    const pages = Math.ceil(numbers.length / SHOWN);
    if (page > 1) element("pages").append(lead(page - 1, "Previous page", "prev"));
    if (page < pages) element("pages").append(lead(page + 1, "Next page", "next"));
    element("pages").hidden = pages < 2;
    if (pages > 1) element("lead").textContent += `, page ${page} of ${pages}`;
  }

  const items = (count) => `${count.toLocaleString("en")} ${count === 1 ? "item" : "items"}`;

  async function begin() {
    element("words").value = text;
    element("asked").value = text;
    element("kind").value = kind;
    element("year").value = year;
    if (!split(text).length) {
      say("Type words to look for, or how they begin.");
      return;
    }
    element("filter").hidden = false;
    document.title = `${text} – ${document.title}`;
    element("title").textContent = `Search: ${text}`;
    const { numbers, vague } = await search();
    if (vague.length) {
      const quoted = vague.map((word) => `“${word}”`).join(", ");
      say(`More than ${Number(common).toLocaleString("en")} items have words that begin like this, which are not looked for: ${quoted}. Add another word.`);
    } else if (!numbers.length) say("Nothing was found.");
    element("lead").textContent = items(numbers.length);
    await show(numbers);
    const script = document.createElement("script");
    script.src = viewer; // reads the tiles that are there now
    document.body.append(script);
  }

  function got(name, part) {
    waiting.get(name)?.resolve(part);
  }

  addEventListener("DOMContentLoaded", () => begin().catch((error) => say(`A file of the search is missing beside this page: ${error.message}.`)));
  return { got, split };
})();
