// Ready-made openings: one click takes one.
globalThis.textgen ??= {};
textgen.chips = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const draw = () =>
    element.replaceChildren(
      make("span", { class: "facts" }, "or with"),
      ...props.value.map((text) =>
        make("button", { type: "button", onclick: () => trigger("take", { text }) }, text.trim()),
      ),
    );
  watch("value", draw);
  draw();
};
