// The pages work without this. It adds: one picture on the whole screen, the choice of several, and quiet tiles for
// pictures that cannot be shown. It takes all addresses from the page, so that it also works from disk.
"use strict";

(() => {
  const main = document.getElementById("main");
  const source = document.getElementById("items");
  const items = JSON.parse(source?.textContent || "[]");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const tiles = new Map([...document.querySelectorAll("[data-number]")].map((tile) => [Number(tile.dataset.number), tile]));
  const form = main.querySelector(".chosen");
  const live = Boolean(form?.hasAttribute("action")); // whether a program answers
  document.documentElement.classList.add("script");

  function make(tag, values = {}, ...inside) {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...inside);
    return made;
  }

  // ---- Tiles ----

  function lose(picture) {
    const tile = picture.closest(".shot");
    if (!tile) {
      picture.remove(); // a cover: the icon behind it is enough
    } else if (tile.classList.contains("video") && items[tile.dataset.number]?.original) {
      picture.replaceWith(firstFrame(tile, picture.alt));
    } else {
      quiet(tile, picture, picture.alt);
    }
  }

  function quiet(tile, picture, words) {
    const said = make("span", { className: "said" }, make("b", { dir: "auto" }, words));
    tile.classList.add("lost");
    picture.replaceWith(said);
    const { small, original } = items[tile.dataset.number] || {};
    reason(small || original).then((why) => why && said.append(" ", make("span", {}, why)));
  }

  // Why the bucket does not give a file, where a program answers that can say so.
  async function reason(address) {
    if (!address || !live) return "";
    try {
      const answer = await fetch(address, { headers: { Range: "bytes=0-0" } });
      if (![409, 410, 502].includes(answer.status)) return "";
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      return page.querySelector("main p")?.textContent || "";
    } catch {
      return "";
    }
  }

  function firstFrame(tile, words) {
    const film = make("video", { src: `${items[tile.dataset.number].original}#t=0.5`, preload: "metadata", muted: true });
    film.setAttribute("aria-label", words);
    film.tabIndex = -1;
    film.addEventListener("error", () => quiet(tile, film, words));
    film.addEventListener("loadedmetadata", () => {
      refit(tile, film.videoWidth, film.videoHeight);
      const time = tile.querySelector(".time");
      if (time && !time.textContent && Number.isFinite(film.duration)) time.textContent = clock(film.duration);
    });
    return film;
  }

  function clock(seconds) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }

  // Where the album did not tell the size, the picture does.
  function refit(within, width, height) {
    const place = within.closest(".guess");
    if (!place || !height) return;
    place.className = `r${Math.max(50, Math.min(300, Math.round((width / height) * 10) * 10))}`;
  }

  for (const picture of main.querySelectorAll(".shot img, .cover img")) {
    const settled = () => (picture.naturalWidth ? refit(picture, picture.naturalWidth, picture.naturalHeight) : lose(picture));
    if (picture.complete && picture.currentSrc) settled();
    picture.addEventListener("load", settled);
    picture.addEventListener("error", () => lose(picture));
  }

  // A page without a server has no small pictures of videos: each that comes into view shows a frame of its own.
  const framing = new IntersectionObserver((seen) => {
    for (const { target: tile, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      framing.unobserve(tile);
      tile.classList.remove("lost");
      tile.querySelector(".said").replaceWith(firstFrame(tile, items[tile.dataset.number].alt));
    }
  });
  for (const tile of main.querySelectorAll(".shot.video.lost")) {
    const item = items[tile.dataset.number];
    if (item?.original && !item.missing && !item.small) framing.observe(tile);
  }

  main.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const number = event.target.dataset?.number;
    if (!step || !number || event.altKey || event.ctrlKey || event.metaKey) return;
    tiles.get(Number(number) + step)?.focus();
    event.preventDefault();
  });

  // ---- The choice of several ----

  let last = null;

  function count() {
    const chosen = form.querySelectorAll(".pick :checked").length;
    form.classList.toggle("choosing", chosen > 0);
    const output = form.querySelector(".tools output");
    if (output) output.value = chosen ? `${chosen} selected` : "";
  }

  form?.addEventListener("click", (event) => {
    if (!event.target.matches(".pick input")) return;
    const boxes = [...form.querySelectorAll(".pick input")];
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(event.target)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) boxes.slice(from, to + 1).forEach((box) => (box.checked = event.target.checked));
    last = event.target;
    count();
  });
  form?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".pick input")) event.preventDefault(); // it would send the form
    if (event.key === "Escape" && form.classList.contains("choosing")) {
      form.querySelectorAll(".pick :checked").forEach((box) => (box.checked = false));
      count();
    }
  });
  addEventListener("pageshow", () => form && count()); // a browser that comes back keeps what was checked

  // ---- One picture on the whole screen ----

  const before = document.querySelector("a[rel=prev]")?.href;
  const after = document.querySelector("a[rel=next]")?.href;
  const slides = [
    ...(before ? [{ type: "lead", href: `${before}#last` }] : []),
    ...items.map((item, number) => ({ ...sized(item), type: type(item), src: item.src, msrc: item.small, alt: item.alt, item, number })),
    ...(after ? [{ type: "lead", href: `${after}#first` }] : []),
  ];
  const first = before ? 1 : 0;
  let viewer = null;

  function type(item) {
    if (item.missing || !(item.kind === "video" ? item.original : item.src)) return "card";
    return item.kind === "video" ? "film" : "image";
  }

  function sized({ kind, w = 0, h = 0 }) {
    if (kind !== "video" && w) return { width: w, height: h };
    return w && h ? { width: 1920, height: Math.round((1920 * h) / w) } : { width: 1920, height: kind === "video" ? 1080 : 1280 };
  }

  function open(number, { clicked = false } = {}) {
    if (viewer || !items[number] || !window.PhotoSwipe) return false;
    viewer = new PhotoSwipe({
      dataSource: slides,
      index: number + first,
      loop: false,
      bgOpacity: 1,
      counter: false,
      returnFocus: false,
      clickToCloseNonZoomable: false,
      bgClickAction: false,
      imageClickAction: "zoom",
      maxZoomLevel: 4,
      showAnimationDuration: 220,
      hideAnimationDuration: 220,
      showHideAnimationType: calm ? "none" : "zoom",
      zoomAnimationDuration: calm ? 0 : 250,
      paddingFn: () => ({ top: 56, bottom: informed() && innerWidth <= 640 ? 8 : 72, left: 0, right: 0 }),
      getViewportSizeFn: room,
      closeTitle: "Close (Escape)",
      zoomTitle: "Zoom (z)",
      arrowPrevTitle: "Previous (left arrow)",
      arrowNextTitle: "Next (right arrow)",
    });
    viewer.pushed = clicked;
    if (clicked) {
      history.scrollRestoration = "manual"; // closing leads to the tile of the last one, wherever the page was
      history.pushState(null, "", hash(number));
    }
    pictures(viewer);
    surroundings(viewer);
    keys(viewer);
    coming(viewer, clicked && items[number].kind === "video" && !calm);
    viewer.init();
    return true;
  }

  const current = () => viewer.options.dataSource[viewer.currIndex];
  const hash = (number) => `#${encodeURI(items[number].name)}`;

  // What a slide shows: a picture, first its small one; a film; a card in the place of what cannot be shown.

  function pictures(pswp) {
    pswp.addFilter("placeholderSrc", (_, content) => content.data.msrc || false);
    pswp.addFilter("useContentPlaceholder", (_, content) => content.type === "image");
    pswp.addFilter("contentErrorElement", (_, content) => card(content.data.item));
    pswp.addFilter("thumbEl", (_, data) => tiles.get(data.number)?.querySelector("img"));
    pswp.on("itemData", ({ itemData }) => {
      itemData.thumbCropped = true;
      if (itemData.item && !itemData.item.w && itemData.type === "image") guess(itemData);
    });
    pswp.on("contentLoad", (event) => {
      const { content } = event;
      const makers = { film, card, lead };
      if (!makers[content.type]) return;
      event.preventDefault();
      content.element = makers[content.type](content.data.item, content);
      content.state = "loaded";
    });
    pswp.on("contentLoadImage", ({ content }) => {
      const { element } = content;
      element.addEventListener("load", () => correct(content, element));
    });
    pswp.on("contentDeactivate", ({ content }) => content.element?.pause?.());
    pswp.on("contentRemove", ({ content }) => content.element?.pause?.());
    pswp.on("zoomPanUpdate", ({ slide }) => sharpen(slide));
  }

  function guess(data) {
    const picture = tiles.get(data.number)?.querySelector("img");
    if (picture?.naturalWidth) data.height = Math.round((data.width * picture.naturalHeight) / picture.naturalWidth);
  }

  // The size that the album told may be that before the picture was turned, or none.
  function correct(content, { naturalWidth: w, naturalHeight: h }) {
    const told = content.data.width / content.data.height;
    if (!w || (content.data.item.w && Math.abs(told / (w / h) - 1) < 0.02)) return;
    Object.assign(content.data, { width: w, height: h });
    Object.assign(content, { width: w, height: h });
    content.data.item.w ||= w;
    if (!content.slide) return;
    Object.assign(content.slide, { width: w, height: h });
    content.slide.resize();
  }

  // Who looks closer gets the original, where a browser can show it.
  function sharpen({ content, currZoomLevel, zoomLevels }) {
    const { full, w } = content.data.item || {};
    if (content.type !== "image" || content.sharp || !full || currZoomLevel < zoomLevels.initial * 1.1) return;
    if (!content.element?.naturalWidth || content.element.naturalWidth >= w) return;
    content.sharp = true;
    const whole = make("img", { src: full });
    whole.decode().then(() => content.element && (content.element.src = full), () => {});
  }

  function film(item, content) {
    const made = make("video", { className: "pswp__film", src: item.original, controls: true, preload: "metadata", playsInline: true });
    made.setAttribute("aria-label", item.alt);
    if (item.small) {
      const poster = make("img", { src: item.small });
      poster.decode().then(() => (made.poster = item.small), () => {});
    }
    made.addEventListener("pointerdown", (event) => event.stopPropagation()); // its controls are not to be dragged
    made.addEventListener("error", () => {
      content.element = card(item);
      content.element.style.cssText = made.style.cssText; // its size
      made.replaceWith(content.element);
    });
    return made;
  }

  function card(item) {
    const words = make("span", {}, item.missing || "This cannot be shown here.");
    if (!item.missing) reason(item.original).then((why) => why && (words.textContent = why));
    const said = make("span", { className: "said" }, make("b", { dir: "auto" }, item.title), words);
    return make("div", { className: `pswp__card lost ${item.kind}` }, said);
  }

  function lead() {
    return make("div", { className: "pswp__card" });
  }

  // What is around it: caption, information, download.

  const panel = make("aside", { className: "pswp__panel", hidden: true });
  panel.setAttribute("aria-label", "Information");
  panel.addEventListener("wheel", (event) => event.stopPropagation(), { passive: true });
  const informed = () => !panel.hidden;

  function room() {
    const { clientWidth: x, clientHeight: y } = document.documentElement;
    const { width, height } = panel.getBoundingClientRect(); // none while it is hidden
    return width < x ? { x: x - width, y } : { x, y: y - height };
  }

  const ICONS = {
    info: '<path d="M16 6a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm-1 3v2.2h2V11zm0 4v6h2v-6z"/>',
    save: '<path d="M15 7h2v9l3.5-3.5 1.4 1.4L16 19.8l-5.9-5.9 1.4-1.4L15 16zM8 22h16v2H8z"/>',
  };
  const icon = (name) => `<svg aria-hidden="true" class="pswp__icn" viewBox="0 0 32 32" width="32" height="32">${ICONS[name]}</svg>`;

  function surroundings(pswp) {
    pswp.on("uiRegister", () => {
      pswp.ui.registerElement({ name: "place", order: 5, onInit: (made) => follow(pswp, made, place) });
      pswp.ui.registerElement({
        name: "save", title: "Download the original (d)", tagName: "a", order: 8, isButton: true, html: icon("save"),
        onInit: (made) => follow(pswp, made, save),
      });
      pswp.ui.registerElement({
        name: "info", title: "Information (i)", order: 9, isButton: true, html: icon("info"), onClick: inform,
        onInit: (made) => made.setAttribute("aria-expanded", String(informed())),
      });
      pswp.ui.registerElement({ name: "below", appendTo: "wrapper", onInit: (made) => follow(pswp, made, caption) });
    });
  }

  function follow(pswp, element, show) {
    pswp.on("change", () => current().item && show(element, current().item, current().number));
  }

  function place(element, _item, number) {
    const count = Number(source.dataset.count || items.length); // of all pages
    const at = Number(source.dataset.first || 0) + number + 1;
    element.textContent = count > 1 ? `${at.toLocaleString("en")} of ${count.toLocaleString("en")}` : "";
  }

  function save(element, item) {
    element.hidden = !item.original;
    element.href = item.original || "";
    element.download = "";
  }

  function caption(element, item) {
    element.setAttribute("aria-live", "polite");
    element.replaceChildren(...item.under.map((text, place) => make(place ? "small" : "span", { dir: "auto" }, text)));
  }

  function inform() {
    panel.hidden = !panel.hidden;
    viewer.element.classList.toggle("informed", informed());
    viewer.element.querySelector(".pswp__button--info").setAttribute("aria-expanded", String(informed()));
    viewer.updateSize(true);
  }

  function describe(item, number) {
    const link = (words, href) => make("a", { href, dir: "auto" }, words);
    const entry = (name, value) => [make("dt", {}, name), make("dd", { dir: "auto" }, value)];
    const [album, address] = item.album;
    const own = live ? entry("Page", link("By itself, with all its files", tiles.get(number).href)) : [];
    panel.replaceChildren(
      make("h2", { dir: "auto" }, item.title),
      ...(item.caption ? [make("p", { dir: "auto" }, item.caption)] : []),
      ...[item.missing, ...(item.marks || [])].filter(Boolean).map((mark) => make("span", { className: "mark" }, mark)),
      make("ul", { className: "keywords" }, ...(item.keywords || []).map((word) => make("li", {}, link(...word)))),
      make("dl", {}, ...entry("Album", link(album, address)), ...item.facts.flatMap((fact) => entry(...fact)), ...own),
    );
    panel.scrollTop = 0;
  }

  // Keys, besides PhotoSwipe's own arrows, Escape and z.

  function keys(pswp) {
    const actions = {
      i: inform,
      d: () => pswp.element.querySelector(".pswp__button--save").click(),
      Home: () => pswp.goTo(first),
      End: () => pswp.goTo(first + items.length - 1),
      " ": () => playing(pswp.currSlide.content.element),
    };
    const scrolled = { ArrowUp: -80, ArrowDown: 80 };
    pswp.on("keydown", (event) => {
      const key = event.originalEvent;
      const film = key.target.closest?.("video");
      const control = film || key.target.closest?.("button, a");
      if ((control && key.key === " ") || (film && key.key.startsWith("Arrow"))) event.preventDefault(); // it knows what to do
      else if (informed() && scrolled[key.key]) {
        event.preventDefault();
        key.preventDefault();
        panel.scrollBy(0, scrolled[key.key]);
      } else if (actions[key.key] && !key.ctrlKey && !key.metaKey && !key.altKey) {
        key.preventDefault();
        actions[key.key]();
      }
    });
  }

  function playing(element) {
    if (element?.paused) element.play().catch(() => {});
    else element?.pause?.();
  }

  // Coming and going: the address names the picture, Back closes it, and the tile it was opened from has the focus again.

  function coming(pswp, plays) {
    const around = [...document.body.children];
    pswp.on("change", () => {
      const { item, number, href } = current();
      if (href) {
        location.replace(href);
        return;
      }
      describe(item, number);
      history.replaceState(null, "", hash(number));
    });
    pswp.on("firstUpdate", () => {
      around.forEach((one) => (one.inert = true));
      pswp.element.setAttribute("aria-label", "Photos and videos, one at a time");
      pswp.element.setAttribute("aria-modal", "true");
      pswp.element.classList.toggle("informed", informed());
      pswp.element.append(panel);
    });
    pswp.on("openingAnimationEnd", () => {
      pswp.element.focus();
      if (plays) playing(pswp.currSlide.content.element);
    });
    pswp.on("close", () => tiles.get(current().number)?.scrollIntoView({ block: "nearest", behavior: "instant" }));
    pswp.on("destroy", () => {
      const { number } = current();
      around.forEach((one) => (one.inert = false));
      viewer = null;
      if (location.hash.length > 1) {
        if (pswp.pushed) history.back();
        else history.replaceState(null, "", location.pathname + location.search);
      }
      tiles.get(number)?.focus();
    });
  }

  function asked() {
    if (!location.hash || !items.length) return -1;
    return { "#first": 0, "#last": items.length - 1 }[location.hash] ?? items.findIndex((_, number) => hash(number) === location.hash);
  }

  main.addEventListener("click", (event) => {
    const tile = event.target.closest("[data-number]");
    if (!tile || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (open(Number(tile.dataset.number), { clicked: true })) event.preventDefault();
  });
  addEventListener("popstate", () => {
    history.scrollRestoration = "auto";
    if (!viewer) open(asked());
    else if (asked() < 0) viewer.close();
    else viewer.goTo(first + asked());
  });
  open(asked());
})();
