// A plain button: Gradio's own also loads code for images.
globalThis.textgen ??= {};
textgen.button = (element, props, watch, trigger) => {
  const onclick = () => trigger("press");
  element.append(textgen.element("button", { type: "button", onclick }, props.says));
};
