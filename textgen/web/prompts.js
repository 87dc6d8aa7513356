// Below the prompt: a hint or what was changed in it, and ready-made prompts.
globalThis.textgen ??= {};
textgen.prompts = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const notes = make("p", { class: "facts notes", role: "status" });
  const chips = make("div", { class: "chips" });
  element.append(notes, chips);
  const draw = () =>
    chips.replaceChildren(
      make("span", { class: "facts" }, "Try:"),
      ...props.value.map((text) =>
        make("button", { type: "button", dir: "auto", onclick: () => trigger("take", { text }) }, text.trim()),
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
