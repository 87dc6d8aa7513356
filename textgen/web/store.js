// The state that the parts of the page share: the snapshots, the chosen one, their texts.
// Data from the server or a user becomes text, never markup: nothing here sets innerHTML.
globalThis.textgen ??= {};
{
  const listeners = [];
  let questions = 0;
  let stop = null; // where the user stopped a writing

  // The server uses only the first or the last characters of a pasted book, so send no more.
  const LONGEST_SENT = 20_000;
  const cut = (value) =>
    typeof value === "string" && value.length > LONGEST_SENT
      ? value.slice(0, LONGEST_SENT / 2) + value.slice(-LONGEST_SENT / 2)
      : value;

  const make = (node, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  };

  Object.assign(textgen, {
    model: null, // its name
    wanted: null, // the name of the model that the user chose last
    snapshots: [], // each a SnapshotSummary of types.js
    rungs: [], // counting models to compare them with
    samplePrompt: "", // of the counting models' samples
    chosen: null, // one of them
    hard_wrapped: false, // whether the model writes prose with a line break every 70 characters or so
    linked: [...new URLSearchParams(location.search).keys()].some((name) => !name.startsWith("__")),
    passage: null, // the answer on the page, a Passage of types.js; it collects texts
    answered: 0, // the id of the request that it answers

    // Calls back on "snapshots", "chosen" or "passage" while the element is on the page.
    on(element, what, heard) {
      listeners.push({ element, what, heard });
    },

    emit(what) {
      for (const one of [...listeners]) {
        if (!one.element.isConnected) listeners.splice(listeners.indexOf(one), 1);
        else if (one.what === what) one.heard();
      }
    },

    setModel({ model, snapshots, epoch, hard_wrapped, rungs, sample_prompt }) {
      // Known snapshots keep their objects, so that the chosen and the stopped one stay valid.
      const known = model === textgen.model ? textgen.snapshots : [];
      Object.assign(textgen, { model, hard_wrapped, rungs, samplePrompt: sample_prompt });
      textgen.snapshots = snapshots.map((one) =>
        Object.assign(known.find(({ step, label }) => step === one.step && label === one.label) ?? {}, one),
      );
      textgen.chosen = textgen.snapshots.find((one) => one.label === epoch) ?? textgen.snapshots.at(-1);
      textgen.emit("snapshots");
      textgen.emit("chosen");
    },

    choose(snapshot) {
      if (snapshot === textgen.chosen) return;
      textgen.chosen = snapshot;
      textgen.emit("chosen");
    },

    // Runs before every event: adds the chosen snapshot, the request id and the address of the page
    // to what the server receives, and scrolls to the part that is about to change.
    ask(values, changing = null) {
      changing?.scrollIntoView({ block: "nearest" });
      const chosen = {
        epoch: textgen.chosen.label,
        model: textgen.model,
        request_id: (questions += 1),
        address: location.origin + location.pathname,
      };
      const isCurve = (value) => value?.epoch !== undefined;
      return values.map((value) => (isCurve(value) ? chosen : cut(value)));
    },

    // Accepts an answer unless a later request is already answered; returns whether it did.
    receive(passage) {
      if (passage.request_id < textgen.answered) return false;
      textgen.answered = passage.request_id;
      const same = passage.link === textgen.passage?.link && passage.prompt === textgen.passage.prompt;
      const texts = same ? { ...textgen.passage.texts } : {};
      for (const [step, one] of Object.entries(passage.texts)) {
        // A shorter beginning of a text that is already here does not shorten it.
        if (!texts[step]?.text.startsWith(one.text)) texts[step] = one;
        else texts[step] = { ...texts[step], known_words: one.known_words ?? texts[step].known_words };
      }
      textgen.passage = { ...passage, texts };
      textgen.emit("passage");
      return true;
    },

    // The Continuation of a snapshot, as far as it has arrived.
    written(snapshot = textgen.chosen) {
      const { passage, model } = textgen;
      return passage?.question.model === model ? passage.texts[snapshot.step] : undefined;
    },

    // Remembers after how many characters the user stopped this text; null forgets it.
    stop(length) {
      if (length === null && stop === null) return;
      stop = length === null ? null : { link: textgen.passage.link, by: textgen.chosen, length };
      textgen.emit("chosen");
    },

    stopped() {
      return stop?.link === textgen.passage.link && stop.by === textgen.chosen ? stop.length : null;
    },

    // The query of a link to what is shown.
    query() {
      const query = new URLSearchParams(textgen.passage.link);
      query.set("epoch", textgen.chosen.label); // also if it is the best: later training may find a better one
      // A link's length is at least the minimum of the page's slider.
      if (textgen.stopped()) query.set("length", Math.max(textgen.limits.length.least, textgen.stopped()));
      return `${query}`;
    },

    // The page's address with another query; Gradio's own parameters stay.
    url(query) {
      const place = new URL(location.href);
      const kept = [...place.searchParams].filter(([name]) => name.startsWith("__"));
      place.search = new URLSearchParams([...kept, ...new URLSearchParams(query)]);
      return place.href;
    },

    // Calls back when the element is visible and its content is out of date.
    whenSeen(element, wanted) {
      let requested = null;
      let timer = null;
      const look = () => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          if (!textgen.passage || !element.checkVisibility()) return;
          const query = textgen.query();
          if (query !== requested) wanted((requested = query));
        }, 200);
      };
      new IntersectionObserver(look).observe(element);
      textgen.on(element, "passage", look);
      textgen.on(element, "chosen", look);
    },

    element(tag, attributes = {}, ...children) {
      return make(document.createElement(tag), attributes, children);
    },

    // An element with a class.
    node(tag, className = "", ...children) {
      return textgen.element(tag, { class: className || null }, ...children);
    },

    svg(tag, attributes = {}, ...children) {
      return make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
    },

    // The measurements of a snapshot and of its text, in words.
    measurements(snapshot) {
      const bits = `${snapshot.bits.toFixed(2)} bits per character`;
      const words = textgen.written(snapshot)?.known_words;
      return typeof words === "number" ? `${bits} · ${Math.round(100 * words)}% known words` : bits;
    },
  });
}
