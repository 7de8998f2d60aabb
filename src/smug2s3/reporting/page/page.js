"use strict";
(() => {
  const albums = JSON.parse(document.getElementById("data").textContent).albums;
  const PAGE = 100;
  const FATES = {
    f: ["missing", "bad"],
    w: ["missing", "bad"],
    u: ["not available", "care"],
    k: ["no longer on SmugMug", ""],
    l: ["deleted before it was copied", "care"],
  };
  const STATES = { failed: ["something missing", "bad"], incomplete: ["not complete", "care"], gone: ["no longer on SmugMug", ""] };
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const number = new Intl.NumberFormat("en");
  const order = new Intl.Collator(undefined, { numeric: true }).compare;

  const make = (tag, style, ...inside) => {
    const element = document.createElement(tag);
    if (style) element.className = style;
    element.append(...inside);
    return element;
  };
  const called = (text) => {
    const element = make("bdi", "name", text);
    element.dir = "auto";
    return element;
  };
  const size = (bytes) => {
    const units = ["B", "kB", "MB", "GB", "TB", "PB"];
    let unit = 0;
    while (bytes >= 999.5 && unit < units.length - 1) { bytes /= 1000; unit += 1; }
    return `${unit && bytes < 99.95 ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
  };
  const date = (day) => (day ? `${day % 100} ${MONTHS[(Math.floor(day / 100) % 100) - 1] || ""} ${Math.floor(day / 10000)}` : "");
  const many = (count, one) => `${number.format(count)} ${one}${count === 1 ? "" : "s"}`;
  const tag = (said) => (said ? [make("span", `tag ${said[1]}`, said[0])] : []);

  // A button extends a long list, so that the page never has more lines than requested.
  const grow = (list, count, line) => {
    const holder = make("div", "", list);
    let shown = 0;
    const button = make("button", "more");
    button.type = "button";
    const more = () => {
      const from = shown;
      shown = Math.min(count, shown + PAGE);
      for (let place = from; place < shown; place += 1) list.append(line(place));
      if (shown === count) button.remove();
      else button.textContent = `Show ${number.format(Math.min(PAGE, count - shown))} more of ${number.format(count - shown)}`;
      return list.children[from];
    };
    button.addEventListener("click", () => {
      const first = more();
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
    });
    more();
    if (shown < count) holder.append(button);
    return holder;
  };

  const fileLine = (album, place, withAlbum) => {
    const facts = [date(album.t[place]), album.b[place] === null ? "" : size(album.b[place])].filter(Boolean).join(" · ");
    const line = make("li", "", called(album.n[place]), make("span", "count", facts), ...tag(FATES[album.f[place]]));
    const more = [];
    if (withAlbum) more.push(`in ${album.p}`);
    if (album.r[place]) more.push(album.r[place]);
    if (album.k[place]) more.push(`stored as ${album.k[place]}`);
    if (more.length) line.firstChild.append(make("small", "", more.join(" · ")));
    return line;
  };

  const later = (details, fill) => details.addEventListener("toggle", () => details.open && details.append(fill()), { once: true });

  const albumLine = (album, title) => {
    const bytes = album.b.reduce((sum, one) => sum + (one || 0), 0);
    const details = make("details", "album", make("summary", "", called(title),
      make("span", "count", `${many(album.n.length, "file")} · ${size(bytes)}`), ...tag(STATES[album.s])));
    later(details, () => (album.n.length
      ? grow(make("ul", "files"), album.n.length, (place) => fileLine(album, place, false))
      : make("p", "empty count", "This album is empty.")));
    return make("li", "", details);
  };

  // Names in the bucket make the tree; if the names on SmugMug have the same depth, those are shown.
  const root = { folders: new Map(), albums: [] };
  for (const album of albums) {
    const parts = album.d.split("/");
    const names = album.p.split("/");
    const shown = names.length === parts.length ? parts.map((part, depth) => (names[depth].trim() ? names[depth] : part)) : parts;
    let folder = root;
    parts.slice(0, -1).forEach((part, depth) => {
      if (!folder.folders.has(part)) folder.folders.set(part, { title: shown[depth], folders: new Map(), albums: [] });
      folder = folder.folders.get(part);
    });
    folder.albums.push([album, shown[shown.length - 1]]);
  }
  const sum = (folder) => {
    const total = { albums: 0, files: 0, bytes: 0, bad: 0 };
    for (const inner of folder.folders.values()) {
      const part = sum(inner);
      for (const key of Object.keys(total)) total[key] += part[key];
    }
    for (const [album] of folder.albums) {
      total.albums += 1;
      total.files += album.n.length;
      total.bytes += album.b.reduce((all, one) => all + (one || 0), 0);
      total.bad += album.s === "failed" || album.s === "incomplete";
    }
    folder.total = total;
    return total;
  };
  sum(root);

  const level = (folder) => {
    const folders = [...folder.folders.values()].sort((one, other) => order(one.title, other.title));
    const lines = [...folders, ...folder.albums.sort((one, other) => order(one[1], other[1]))];
    return grow(make("ul", ""), lines.length, (place) =>
      (Array.isArray(lines[place]) ? albumLine(...lines[place]) : folderLine(lines[place])));
  };
  const folderLine = (folder) => {
    const { albums: inside, files, bytes, bad } = folder.total;
    const details = make("details", "folder", make("summary", "", called(folder.title),
      make("span", "count", `${many(inside, "album")} · ${many(files, "file")} · ${size(bytes)}`),
      ...tag(bad ? [`${many(bad, "album")} with something missing`, "bad"] : null)));
    later(details, () => level(folder));
    return make("li", "", details);
  };

  const words = document.getElementById("words");
  const which = document.getElementById("which");
  const found = document.getElementById("found");
  const tree = document.getElementById("tree");
  const PLAIN = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d" };
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[ßæœøłđ]/g, (one) => PLAIN[one]);
  let folded = null;
  const index = () => {
    folded = folded || albums.map((album) => [fold(album.p), album.n.map(fold)]);
    return folded;
  };

  const wholeTree = () => {
    found.textContent = `${many(root.total.albums, "album")}, ${many(root.total.files, "file")}, ${size(root.total.bytes)}`;
    const holder = make("div", "tree", level(root));
    tree.replaceChildren(holder);
  };

  const results = (text, kinds) => {
    const wanted = (album, place) => !kinds || (kinds === "v" ? album.v[place] === "v" : kinds.includes(album.f[place]));
    const hits = [];
    const places = [];
    index().forEach(([path, names], at) => {
      const album = albums[at];
      if (text && !kinds && path.includes(text)) hits.push(album);
      names.forEach((one, place) => wanted(album, place) && one.includes(text) && places.push([album, place]));
    });
    found.textContent = `${kinds ? "" : `${many(hits.length, "album")} and `}${many(places.length, "file")} found`;
    const holder = make("div", "tree");
    if (hits.length) holder.append(grow(make("ul", ""), hits.length, (place) => albumLine(hits[place], hits[place].p)));
    if (places.length) holder.append(grow(make("ul", "files"), places.length, (place) => fileLine(...places[place], true)));
    if (!hits.length && !places.length) {
      const back = make("button", "", "Show everything");
      back.type = "button";
      back.addEventListener("click", () => { words.value = ""; which.value = ""; wholeTree(); words.focus(); });
      const said = words.value.trim() ? "No album or file matches." : "No files here.";
      holder.append(make("div", "empty", make("p", "", said), back));
    }
    tree.replaceChildren(holder);
  };

  let waiting = 0;
  const draw = () => {
    const text = fold(words.value.trim());
    if (text || which.value) results(text, which.value);
    else wholeTree();
  };
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(draw, 120); });
  which.addEventListener("change", draw);
  wholeTree();

  // Paper cannot be opened: show the listed files while printing.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".cause details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });
})();
