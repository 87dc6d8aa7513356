// A button that does one thing: Gradio's own brings code for images along.
globalThis.textgen ??= {};
textgen.button = (element, props, watch, trigger) => {
  const onclick = () => trigger("press");
  element.append(textgen.element("button", { type: "button", onclick }, props.says));
};
