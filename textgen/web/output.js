// The chosen snapshot's text: shown at once, or character by character after Write.
globalThis.textgen ??= {};
textgen.output = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  // Characters per second, slow enough to watch and to stop. Without motion, all at once.
  const PACE = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1e6 : 600;
  const MOST = textgen.limits.length.most;

  const prompt = make("b", { class: "prompt" });
  const written = make("span", { class: "written" });
  const coming = make("span", { class: "coming", "aria-hidden": "true" });
  const text = make("p", { class: "passage", dir: "auto" }, prompt, written, coming);
  const button = (words, onclick, title = null) =>
    make("button", { type: "button", onclick, title }, words);
  const go = button("Continue", () => (writing ? stop() : more()));
  go.classList.add("go");
  const done = make("span", { class: "done", role: "status" });
  element.append(
    text,
    make(
      "div",
      { class: "actions" },
      go,
      button("Replay", () => trigger("again"), "Write the same text again: the random seed is the same"),
      button("New version", () => trigger("new_seed"), "Write another text, with a new random seed"),
      button("Copy", () => copy(seen(), "Text copied")),
      button("Download", () => download()),
      button("Copy link", () => copy(textgen.url(textgen.query()), "Link copied"), "Anyone who opens the link sees exactly this"),
      done,
    ),
  );

  let whole = []; // the characters of the chosen continuation that have arrived
  let shown = 0; // how many of them are shown
  let writing = null; // {snapshot, from, since} while characters appear one by one
  let run = null;
  let tallest = { link: null, width: 0, height: 0 };

  const draw = () => {
    const { passage } = textgen;
    const continued = textgen.written();
    whole = Array.from(continued?.text ?? "");
    if (!writing) shown = Math.min(textgen.stopped() ?? Infinity, whole.length);
    reveal();
    // A user who opened a link does not see the usual first view.
    text.classList.toggle("waiting", !continued || (textgen.linked && passage.request_id === 0));
    keep_room();
  };
  const reveal = () => {
    const before = textgen.passage.prompt;
    const [now, later] = [whole.slice(0, shown).join(""), whole.slice(shown).join("")];
    textgen.showProse(prompt, before, { after: now || later });
    textgen.showProse(written, now, { before, after: later });
    textgen.showProse(coming, later, { before: before + now });
    go.textContent = writing ? "Stop" : "Continue";
    const at_end = !writing && shown >= MOST;
    go.toggleAttribute("disabled", at_end);
    go.title = at_end ? `The limit is ${MOST.toLocaleString("en")} characters` : "";
  };
  // Snapshots write texts of different heights; the page below must not jump.
  const keep_room = () => {
    const width = text.clientWidth;
    const { link } = textgen.passage;
    if (tallest.link !== link || tallest.width !== width) {
      tallest = { link, width, height: 0 };
      text.style.minHeight = "";
    }
    if (text.offsetHeight > tallest.height) {
      tallest.height = text.offsetHeight;
      text.style.minHeight = `${tallest.height}px`;
    }
  };

  const stop = () => {
    writing = null;
    textgen.stop(shown);
    trigger("stop");
    reveal();
  };
  const more = () => {
    if (shown < whole.length) {
      begin(run, shown);
    } else {
      const length = shown < textgen.passage.question.length ? textgen.passage.question.length : Math.min(MOST, shown + 400);
      trigger("more", { shown, length });
    }
  };
  const begin = (its_run, from) => {
    run = its_run;
    textgen.stop(null);
    shown = Math.min(from, whole.length);
    writing = { snapshot: textgen.chosen, from, since: performance.now() };
    requestAnimationFrame(write);
    reveal();
  };
  const write = (now) => {
    if (!writing) return;
    const due = writing.from + Math.floor(((now - writing.since) / 1000) * PACE) + 1;
    if (due > whole.length + 20) {
      // The server is slower than the display: continue from what has arrived.
      writing.from = whole.length;
      writing.since = now;
    }
    shown = Math.min(due, whole.length);
    if (shown >= textgen.passage.question.length) {
      writing = null;
      say(`${shown.toLocaleString("en")} characters`);
    }
    reveal();
    if (writing) requestAnimationFrame(write);
  };

  const seen = () => prompt.textContent + written.textContent;
  const say = (words) => {
    done.textContent = words;
    setTimeout(() => done.textContent === words && (done.textContent = ""), 2500);
  };
  const copy = async (copied, words) => {
    try {
      await navigator.clipboard.writeText(copied);
      say(words);
    } catch {
      // No permission, or no HTTPS: the user can copy it from a dialog.
      window.prompt("Copy this:", copied);
    }
  };
  const download = () => {
    const { passage, chosen } = textgen;
    const name = `${passage.question.model}-epoch-${chosen.label}`.replace(/[^\p{L}\p{N}.-]+/gu, "-");
    const url = URL.createObjectURL(new Blob([seen()], { type: "text/plain" }));
    make("a", { href: url, download: `${name}.txt` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  textgen.on(element, "chosen", () => {
    if (!textgen.passage) return receive(); // the snapshots arrived after the first text
    if (writing && writing.snapshot !== textgen.chosen) writing = null;
    draw();
  });
  const receive = () => {
    const before = textgen.passage?.link;
    if (!textgen.chosen || !props.value || !textgen.receive(props.value)) return;
    const { passage } = textgen;
    if (passage.run && passage.run !== run) {
      whole = [];
      begin(passage.run, passage.start);
    } else if (passage.link !== before) {
      writing = null;
    }
    draw();
  };
  watch("value", receive);
  new ResizeObserver(() => textgen.passage && keep_room()).observe(element);
  receive();
  const missing = () => !textgen.chosen || !textgen.snapshots.every(textgen.written);
  if (!textgen.linked) setTimeout(() => missing() && trigger("rest"));
};
