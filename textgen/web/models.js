// The choice of a model: one click if there are few, else a list. The value is the model's name.
globalThis.textgen ??= {};
textgen.models = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const FEW = 4;
  const onchange = ({ target }) => {
    textgen.wanted = target.value;
    trigger("take");
  };
  const radio = (name) =>
    make("label", { dir: "auto" }, make("input", { type: "radio", name: "model", value: name, onchange }), name);
  const list = () =>
    make("select", { "aria-label": "Model", onchange }, ...props.choices.map((name) => make("option", { value: name }, name)));

  const few = props.choices.length <= FEW;
  const choices = few ? props.choices.map(radio) : [list()];
  const group = { class: "chips", role: few ? "radiogroup" : null, "aria-label": few ? "Model" : null };
  element.append(make("div", group, make("span", { "aria-hidden": "true" }, "Model"), ...choices));
  const draw = () => {
    for (const one of element.querySelectorAll("input")) one.checked = one.value === props.value;
    for (const one of element.querySelectorAll("option")) one.selected = one.value === props.value;
  };
  watch("value", draw);
  draw();
};
