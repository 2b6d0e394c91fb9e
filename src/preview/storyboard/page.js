"use strict";
(() => {
  const videos = JSON.parse(document.getElementById("data").textContent);
  const items = [...document.querySelectorAll("#grid li")];
  const filter = document.getElementById("filter");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const dialog = document.getElementById("detail");
  const body = document.getElementById("detail-body");
  const elsewhere = JSON.parse(document.getElementById("elsewhere").textContent);
  const scenesOf = (video) => video.scenes || [];
  const words = (video) => [video.script, ...scenesOf(video).map((scene) => scene.script)].join("\n");
  const texts = videos.map((video) => [video.key, words(video), ...video.cast.map(([, name]) => name)].join("\n").toLowerCase());
  const keys = videos.map((video) => video.key.toLowerCase());
  let shown = videos.map((_, at) => at);
  let open = -1;

  // `*` and `?` work as on the command line. A text without them matches anywhere.
  const matcher = (text) => {
    if (!text) return () => true;
    if (!/[*?]/.test(text)) return (at) => texts[at].includes(text);
    const parts = text.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, ".*").replace(/\?/g, ".");
    const glob = new RegExp(`^${parts}$`, "su");
    return (at) => glob.test(keys[at]);
  };

  const apply = () => {
    const fits = matcher(filter.value.trim().toLowerCase());
    const standing = document.querySelector("input[name=standing]:checked").value;
    shown = [];
    for (let at = 0; at < videos.length; at += 1) {
      const good = fits(at) && (!standing || videos[at].standing === standing);
      items[at].hidden = !good;
      if (good) shown.push(at);
    }
    none.hidden = shown.length > 0;
    count.textContent = shown.length === videos.length ? "" : `${shown.length} of ${videos.length}`;
  };

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const titled = (title, content) => {
    const section = make("section");
    section.append(make("h3", "", title), content);
    return section;
  };
  const clock = (seconds) => {
    const whole = seconds > 0 ? Math.max(1, Math.round(seconds)) : 0;
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  };
  // Shows the finished video, or the draft, or the frame.
  const picture = (video, folder, caption) => {
    const figure = make("figure");
    const source = `${folder}${encodeURIComponent(video.stem)}`;
    const finished = folder ? video.film_before : video.film;
    const draft = video.draft && !folder ? `${source}.mp4` : "";
    const title = make("figcaption", "", [caption, finished && "finished video"].filter(Boolean).join(" · "));
    if (title.textContent) figure.append(title);
    const image = make("img");
    Object.assign(image, { src: `${source}.png`, width: video.width, height: video.height, alt: `${caption || "First frame"} of ${video.key}` });
    if (!finished && !draft) {
      figure.append(image);
      return figure;
    }
    const film = make("video");
    Object.assign(film, { controls: true, preload: "none", poster: `${source}.png`, src: finished || draft, width: video.width, height: video.height });
    film.setAttribute("aria-label", `${finished ? "Finished video" : "Draft"} of ${video.key}`);
    // A storyboard that was copied elsewhere has its frames next to it, but not the finished videos.
    film.addEventListener("error", () => {
      title.textContent = `${finished ? "The finished video" : "The draft"} cannot be played from here: ${finished || draft}`;
      if (!title.parentNode) figure.prepend(title);
      film.replaceWith(image);
    });
    figure.append(film);
    return figure;
  };
  const facts = (video) => {
    const list = make("dl", "facts-list");
    const spec = video.spec;
    const rows = [
      ["Length", video.seconds === null ? "unknown: an audio file" : `about ${clock(video.seconds)}`],
      ["Credits", video.credits],
    ];
    // Names of the catalog, or else ids.
    const named = (what, id) => video.cast.filter(([kind]) => kind === what).map(([, name]) => name).join(", ") || id;
    const add = (title, text) => { if (text) rows.push([title, text]); };
    add("Avatar", named("avatar", spec.avatar?.id));
    add("Voice", named("voice", spec.voice?.tts?.id));
    add("Language", named("language"));
    add("Template", spec.template && `${named("template", spec.template.id)}, scenes: ${spec.template.scenes.length}`);
    add("Aspect", spec.aspect);
    if (spec.avatar) add("Placed", `${spec.avatar.style}, scale ${spec.avatar.scale}, offset ${spec.avatar.offset.x}, ${spec.avatar.offset.y}`);
    add("Digest", video.digest);
    if (spec.name !== video.key) rows.unshift(["Name", spec.name]);
    for (const [name, value] of rows) list.append(make("dt", "", name), make("dd", "", value));
    return list;
  };
  const scenes = (video) => {
    const list = make("ol", "grid");
    scenesOf(video).forEach((scene, at) => {
      const item = make("li");
      const figure = make("figure");
      const image = make("img");
      Object.assign(image, { src: encodeURIComponent(scene.file), width: video.width, height: video.height, loading: "lazy", alt: `Scene ${at + 1} of ${video.key}` });
      const text = make("p", "script", scene.script || scene.sound);
      text.dir = "auto";
      figure.append(make("figcaption", "", `Scene ${at + 1}`), image, text);
      item.append(figure);
      list.append(item);
    });
    return list;
  };
  const changes = (video) => {
    const table = make("table");
    const head = make("tr");
    for (const title of ["Field", "Before", "After", "Caused by"]) {
      const cell = make("th", "", title);
      cell.scope = "col";
      head.append(cell);
    }
    table.append(head);
    for (const change of video.changes) {
      const row = make("tr");
      row.append(make("td", "", change.path));
      if (change.words) {
        const cell = make("td", "diff");
        cell.colSpan = 2;
        cell.dir = "auto";
        const tags = { "=": "span", "-": "del", "+": "ins" };
        for (const [sign, text] of change.words) cell.append(make(tags[sign], "", text));
        row.append(cell);
      } else {
        row.append(make("td", "old", change.before || "–"), make("td", "now", change.after || "–"));
      }
      row.append(make("td", "", change.place));
      table.append(row);
    }
    return table;
  };

  const show = (at) => {
    const video = videos[at];
    open = at;
    document.getElementById("detail-key").textContent = video.key;
    const badge = document.getElementById("detail-badge");
    badge.textContent = video.standing;
    badge.className = `badge ${video.standing.replace(" ", "-")}`;
    const script = make("p", "script", video.script || video.sound);
    script.dir = "auto";
    script.tabIndex = 0;
    // The scenes of a template video have the scripts.
    const heard = scenesOf(video).length ? [] : [titled(video.script ? "Script" : "Sound", script)];
    const spec = make("pre", "", JSON.stringify(video.spec, null, 2));
    spec.tabIndex = 0;
    const parts = [];
    if (video.notices.length) {
      const list = make("ul", "notices wide");
      for (const notice of video.notices) list.append(make("li", "", notice));
      parts.push(list);
    }
    const side = make("div", "side");
    if (video.before) {
      const pair = make("div", "pair");
      pair.append(picture(video, "before/", "Before"), picture(video, "", "After"));
      parts.push(pair);
      if (video.changes.length) {
        const section = titled("What changes", changes(video));
        section.className = "wide";
        parts.push(section);
      }
      parts.push(...heard);
      side.append(titled("About", facts(video)), titled("Spec", spec));
    } else {
      parts.push(picture(video, ""));
      side.append(...heard, titled("About", facts(video)), titled("Spec", spec));
    }
    if (scenesOf(video).length) {
      const section = titled("Scenes", scenes(video));
      section.className = "wide";
      parts.push(section);
    }
    parts.push(side);
    body.replaceChildren(...parts);
    body.scrollTop = 0;
    const place = shown.indexOf(at);
    document.getElementById("previous").disabled = place <= 0;
    document.getElementById("next").disabled = place < 0 || place >= shown.length - 1;
    if (!dialog.open) dialog.showModal();
    const hash = `#${encodeURIComponent(video.key)}`;
    if (location.hash !== hash) history.replaceState(null, "", hash);
    const link = document.getElementById("link");
    link.href = hash;
    link.textContent = "link";
  };
  const step = (by) => {
    const place = shown.indexOf(open) + by;
    if (place >= 0 && place < shown.length) show(shown[place]);
  };
  const fromHash = () => {
    let key = "";
    try { key = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const at = videos.findIndex((video) => video.key === key);
    if (key && at >= 0) show(at);
    else if (Object.hasOwn(elsewhere, key)) location.replace(`${elsewhere[key]}${location.hash}`);
  };

  document.getElementById("grid").addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (!item || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    show(Number(item.dataset.at));
  });
  filter.addEventListener("input", apply);
  for (const radio of document.querySelectorAll("input[name=standing]")) radio.addEventListener("change", apply);
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("link").addEventListener("click", (event) => {
    event.preventDefault();
    // Without the right to copy, the address line has the link.
    navigator.clipboard?.writeText(location.href).then(() => { event.target.textContent = "copied"; }, () => {});
  });
  document.getElementById("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("video, pre, .script")) return;
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    // The event fires after the dialog has closed. In the meantime another video may have been opened.
    if (dialog.open) return;
    body.replaceChildren();
    history.replaceState(null, "", location.pathname + location.search);
    if (open >= 0) items[open].querySelector("a").focus();
  });
  window.addEventListener("hashchange", fromHash);
  apply();
  fromHash();
})();
