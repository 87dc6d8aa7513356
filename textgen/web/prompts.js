// Below the prompt: a hint or what was changed in it, and ready-made prompts.
globalThis.textgen ??= {};
textgen.prompts = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const LONGEST = 60; // characters of a prompt on its button
  const notes = make("p", { class: "facts notes", role: "status" });
  const chips = make("div", { class: "chips" });
  element.append(notes, chips);
  let flowing; // whether line breaks inside a paragraph are shown as spaces
  const lineBreak = () => [
    make("span", { "aria-hidden": "true" }, "↵"),
    make("span", { class: "unseen" }, " line break "),
  ];
  const label = (text) => {
    const soft = new Set(textgen.softBreaks(text));
    const shown = text.replace(/\n/g, (found, place) => (soft.has(place) ? " " : found));
    const characters = Array.from(shown.replace(/^ +| +$/g, ""));
    const cut = characters.length > LONGEST ? "…" : "";
    const lines = characters.slice(0, LONGEST).join("").split("\n");
    return [...lines.flatMap((line, place) => (place ? [...lineBreak(), line] : [line])), cut];
  };
  const draw = () => {
    flowing = textgen.hard_wrapped;
    chips.replaceChildren(
      make("span", { class: "facts" }, "Try:"),
      ...props.value.map((text) =>
        make("button", { type: "button", dir: "auto", onclick: () => trigger("take", { text }) }, ...label(text)),
      ),
    );
  };
  const showNotes = () => {
    const said = textgen.passage?.notes || props.hint;
    if (notes.textContent !== said) notes.textContent = said;
  };
  watch("value", draw);
  textgen.on(element, "snapshots", () => flowing === textgen.hard_wrapped || draw());
  textgen.on(element, "passage", showNotes);
  draw();
  showNotes();
};
