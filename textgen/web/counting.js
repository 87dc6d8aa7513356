// What a counting model writes: the best one that the chosen snapshot beats, or the first of all.
globalThis.textgen ??= {};
textgen.counting = (element) => {
  const { element: make } = textgen;
  const summary = make("summary");
  const prompt = make("b", { class: "prompt" });
  const written = make("span");
  const facts = make("p", { class: "facts" });
  const text = make("p", { class: "passage", dir: "auto" }, prompt, written);
  element.append(make("details", {}, summary, text, facts));
  const draw = () => {
    const { chosen, rungs, samplePrompt } = textgen;
    element.hidden = rungs.length === 0;
    if (element.hidden) return;
    const { title, bits, sample } = rungs[Math.max(0, chosen.beaten - 1)];
    summary.textContent = title;
    prompt.textContent = samplePrompt;
    written.textContent = sample;
    facts.textContent =
      `${bits.toFixed(2)} bits per character. This text was written once, during training, after the ` +
      "prompt in bold. Your prompt and settings do not change it.";
  };
  textgen.on(element, "chosen", draw);
  if (textgen.chosen) draw();
};
