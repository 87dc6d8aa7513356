// Below the prompt: a hint or what was changed in it, and ready-made prompts.
globalThis.textgen ??= {};
textgen.prompts = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const notes = make("p", { class: "facts notes", role: "status" });
  const chips = make("div", { class: "chips" });
  element.append(notes, chips);
  const LONGEST = 60; // characters of a prompt on its button
  const lineBreak = () => [
    make("span", { "aria-hidden": "true" }, "↵"),
    make("span", { class: "unseen" }, " line break "),
  ];
  const label = (text) => {
    const characters = Array.from(text.replace(/^ +| +$/g, ""));
    const cut = characters.length > LONGEST ? "…" : "";
    const lines = characters.slice(0, LONGEST).join("").split("\n");
    return [...lines.flatMap((line, place) => (place ? [...lineBreak(), line] : [line])), cut];
  };
  const draw = () =>
    chips.replaceChildren(
      make("span", { class: "facts" }, "Try:"),
      ...props.value.map((text) =>
        make("button", { type: "button", dir: "auto", onclick: () => trigger("take", { text }) }, ...label(text)),
      ),
    );
  const showNotes = () => {
    const said = textgen.passage?.notes || props.hint;
    if (notes.textContent !== said) notes.textContent = said;
  };
  watch("value", draw);
  textgen.on(element, "passage", showNotes);
  draw();
  showNotes();
};
