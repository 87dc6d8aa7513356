// All snapshots side by side, beginning with the first.
globalThis.textgen ??= {};
textgen.comparison = (element) => {
  const { element: make } = textgen;
  const GLANCE = 240; // characters of each text

  let cards = [];
  const build = () => {
    cards = textgen.snapshots.map((snapshot) => {
      const bar = make("span", { class: "bar", "aria-hidden": "true" }, make("i"));
      const facts = make("p", { class: "facts" });
      const [prompt, beginning] = [make("b", { class: "prompt" }), make("span")];
      const text = make("p", { class: "passage", dir: "auto" }, prompt, beginning);
      const choose = () => textgen.choose(snapshot);
      const name = make("button", { type: "button", onclick: choose }, snapshot.description);
      const card = make("article", { class: "card" }, make("h3", {}, name), facts, bar, text);
      return { snapshot, card, facts, bar, prompt, beginning };
    });
    element.replaceChildren(...cards.map(({ card }) => card));
    fill();
    mark();
  };
  const fill = () => {
    for (const { snapshot, facts, bar, prompt, beginning } of cards) {
      const written = textgen.written(snapshot);
      facts.textContent = textgen.measurements(snapshot);
      bar.hidden = typeof written?.known_words !== "number";
      bar.firstChild.style.width = `${100 * (written?.known_words ?? 0)}%`;
      const glance = Array.from(written?.text ?? "…");
      const before = textgen.passage?.prompt ?? "";
      const after = glance.slice(0, GLANCE).join("") + (glance.length > GLANCE ? "…" : "");
      textgen.showProse(prompt, before, { after });
      textgen.showProse(beginning, after, { before });
    }
  };
  const mark = () => {
    for (const { snapshot, card } of cards) {
      const chosen = snapshot === textgen.chosen;
      card.classList.toggle("chosen", chosen);
      card.querySelector("button").setAttribute("aria-pressed", chosen);
    }
  };
  textgen.on(element, "snapshots", build);
  textgen.on(element, "passage", fill);
  textgen.on(element, "chosen", mark);
  build();
};
