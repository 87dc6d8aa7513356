// A text in which every character is colored by its surprise; for the character under the pointer
// or the cursor, also the characters that the model found most likely.
//
// textgen/service/surprise.py returns the value, or it is null. The property `of` is "written"
// (default) for the snapshot's text or "typed" for a user's own. Positions in the value count code
// points, so a text is split with Array.from and never indexed as a string.
globalThis.textgen ??= {};

(() => {
  "use strict";

  const ALTERNATIVES = 5;
  const FIRST_LOOK = 200; // the most surprising of this many characters after the prompt is selected first
  const HINT = "Point at a character, tap it, or use the arrow keys (with Ctrl: whole words).";

  textgen.surprise = (element, props, watch) => {
    const view = build(element, props.of ?? "written");
    const show = () => draw(view, props.value || null); // Gradio makes "" of null
    watch("value", show);
    show();
  };

  // The parts that are always there.

  const build = (root, of) => {
    const { EMPTY } = textgen.surpriseWords;
    const view = { spans: [], letters: [], value: null, cursor: 0 };
    const add = (name, className, parent) => {
      view[name] = parent.appendChild(textgen.node("div", className));
    };
    root.replaceChildren();
    add("empty", "surprise-quiet", root);
    view.empty.textContent = EMPTY[of];
    add("content", "surprise-content", root);
    add("summary", "surprise-summary", view.content);
    add("legend", "surprise-legend", view.content);
    add("body", "surprise-body", view.content);
    add("text", "surprise-text", view.body);
    add("letterBox", "surprise-letters", view.text);
    add("panel", "surprise-panel", view.body);
    add("plain", "surprise-unseen", view.content);
    add("spoken", "surprise-unseen", view.content);
    // Screen readers skip the colored letters; they read the plain copy and `spoken`.
    describe(view.letterBox, { "aria-hidden": "true" });
    describe(view.text, {
      dir: "auto",
      tabindex: "0",
      role: "application",
      "aria-roledescription": "text to explore",
      "aria-label": "The text, character by character: the arrow keys read out the surprise of each",
    });
    describe(view.panel, { role: "group", "aria-label": "The selected character" });
    describe(view.plain, { role: "group", "aria-label": "The same text as plain text" });
    describe(view.spoken, { role: "status", "aria-live": "polite" });
    buildPanel(view);
    listen(view);
    return view;
  };

  const buildPanel = (view) => {
    const head = view.panel.appendChild(textgen.node("div", "surprise-head"));
    view.character = head.appendChild(textgen.node("strong", "surprise-character"));
    const steps = [
      [-1, "‹", "Previous character"],
      [1, "›", "Next character"],
    ];
    for (const [step, sign, label] of steps) {
      const button = head.appendChild(textgen.node("button", "surprise-button", sign));
      describe(button, { type: "button", "aria-label": label, title: label });
      button.addEventListener("click", () => move(view, view.cursor + step));
    }
    view.surprise = view.panel.appendChild(textgen.node("p", "surprise-bits"));
    const list = view.panel.appendChild(textgen.node("ol", "surprise-bars"));
    view.bars = Array.from({ length: ALTERNATIVES }, () => {
      const row = list.appendChild(textgen.node("li", "surprise-row"));
      return {
        row,
        name: row.appendChild(textgen.node("span", "surprise-name")),
        fill: row
          .appendChild(textgen.node("span", "surprise-track"))
          .appendChild(textgen.node("span", "surprise-fill")),
        percent: row.appendChild(textgen.node("span", "surprise-percent")),
        mark: row.appendChild(textgen.node("span", "surprise-mark")),
      };
    });
    view.panel.append(textgen.node("p", "surprise-hint", HINT));
  };

  const describe = (target, attributes) => {
    for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value);
  };

  // A new value.

  const draw = (view, value) => {
    const { legend, summary } = textgen.surpriseWords;
    view.value = value;
    view.letters = value ? Array.from(value.text) : [];
    view.spans = view.letters.map((letter, place) => character(value, letter, place));
    if (value && !value.typed) markSoftBreaks(view.spans, value.text);
    for (const [start, end] of value?.copied ?? []) {
      for (const span of view.spans.slice(start, end)) span.classList.add("surprise-copied");
    }
    view.empty.hidden = value !== null;
    view.content.hidden = value === null;
    view.letterBox.replaceChildren(...view.spans);
    if (!value || value.typed) view.plain.textContent = value?.text ?? "";
    else textgen.showProse(view.plain, value.text);
    view.spoken.textContent = "";
    view.summary.replaceChildren(...(value ? summary(value, view.letters) : []));
    view.legend.replaceChildren(...(value ? legend(value) : []));
    if (value) place(view, mostSurprising(value));
  };

  const character = (value, letter, place) => {
    const { level } = textgen.surpriseWords;
    const span = textgen.node("span", `surprise-${level(value.bits[place])}`, letter);
    span.place = place;
    if (place < value.prompt_length) span.classList.add("surprise-read");
    if (letter === "\n") span.classList.add("surprise-break");
    return span;
  };

  // A user's own text keeps its lines.
  const markSoftBreaks = (spans, text) => {
    const soft = new Set(textgen.softBreaks(text)); // in UTF-16 code units
    let at = 0;
    for (const span of spans) {
      span.classList.toggle("soft-break", soft.has(at));
      at += span.textContent.length;
    }
  };

  const mostSurprising = (value) => {
    const seen = value.bits.slice(value.prompt_length, value.prompt_length + FIRST_LOOK).map((bits) => bits ?? 0);
    return value.prompt_length + seen.indexOf(Math.max(...seen));
  };

  // The character under the pointer, or at the cursor.

  const listen = (view) => {
    const pointed = (event) => event.target.place ?? -1;
    // Not "pointerover", which also fires when keys scroll the text under a resting pointer.
    view.letterBox.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch" || view.spans[pointed(event)] === view.marked) return;
      if (pointed(event) >= 0) describeAt(view, pointed(event));
    });
    view.letterBox.addEventListener("pointerleave", () => describeAt(view, view.cursor));
    view.letterBox.addEventListener("click", (event) => {
      if (pointed(event) >= 0) place(view, pointed(event));
    });
    view.text.addEventListener("keydown", (event) => {
      const target = view.value && destination(view, event);
      if (target === null) return;
      event.preventDefault();
      move(view, target);
    });
  };

  const place = (view, target) => {
    view.cursor = Math.max(0, Math.min(view.letters.length - 1, target));
    describeAt(view, view.cursor);
  };

  // Like `place`, by key or button: also scrolls to the character and announces it.
  const move = (view, target) => {
    place(view, target);
    view.spans[view.cursor].scrollIntoView({ block: "nearest" });
    view.spoken.textContent = textgen.surpriseWords.aloud(view.value, view.letters, view.cursor);
  };

  const describeAt = (view, place) => {
    const { alternatives, bare, called, surprise } = textgen.surpriseWords;
    view.marked?.classList.remove("surprise-cursor");
    view.marked = view.spans[place];
    view.marked.classList.add("surprise-cursor");
    const { letters, value } = view;
    view.character.textContent = called(letters[place]);
    view.surprise.textContent = surprise(value, letters, place);
    const ranked = alternatives(value, place);
    for (const [rank, bar] of view.bars.entries()) {
      const [letter, share] = ranked[rank] ?? ["", 0];
      const actual = letter !== "" && letter === letters[place];
      bar.row.classList.toggle("surprise-none", letter === "");
      bar.row.classList.toggle("surprise-actual", actual);
      bar.name.textContent = letter && bare(letter);
      bar.fill.style.width = `${share}%`;
      bar.percent.textContent = letter && `${share < 0.05 ? "< 0.1" : share.toFixed(1)}%`;
      bar.mark.textContent = actual ? "◂ this one" : "";
    }
  };

  // The position that a key moves to; null for other keys.
  const destination = (view, event) => {
    const mac = navigator.platform.startsWith("Mac");
    const far = event.ctrlKey || (mac && event.altKey);
    if (event.metaKey || event.shiftKey || (event.altKey && !mac)) return null;
    const { cursor, letters, spans } = view;
    switch (event.key) {
      case "ArrowLeft":
        return far ? wordStart(letters, cursor, -1) : cursor - 1;
      case "ArrowRight":
        return far ? wordStart(letters, cursor, 1) : cursor + 1;
      case "ArrowUp":
        return lineBeside(spans, cursor, -1);
      case "ArrowDown":
        return lineBeside(spans, cursor, 1);
      case "Home":
        return far ? 0 : lineEnd(spans, cursor, -1);
      case "End":
        return far ? letters.length - 1 : lineEnd(spans, cursor, 1);
      default:
        return null;
    }
  };

  const wordStart = (letters, from, step) => {
    const isSpace = (place) => /^\s$/u.test(letters[place]);
    const starts = (place) => !isSpace(place) && (place === 0 || isSpace(place - 1));
    let place = from + step;
    while (place > 0 && place < letters.length && !starts(place)) place += step;
    return place;
  };

  // The browser breaks the lines, so they are found from the positions of the letters.

  const box = (span) => span.getClientRects()[0] ?? span.getBoundingClientRect();

  const sameLine = (one, other) => Math.abs(box(one).top - box(other).top) < box(one).height / 2;

  const lineEnd = (spans, from, step) => {
    let place = from;
    while (spans[place + step] && sameLine(spans[place + step], spans[from])) place += step;
    return place;
  };

  const lineBeside = (spans, from, step) => {
    const first = lineEnd(spans, from, step) + step;
    if (!spans[first]) return from;
    const distance = (place) => Math.abs(box(spans[place]).left - box(spans[from]).left);
    let nearest = first;
    for (let place = first; spans[place] && sameLine(spans[place], spans[first]); place += step) {
      if (distance(place) < distance(nearest)) nearest = place;
    }
    return nearest;
  };
})();
