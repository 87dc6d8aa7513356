// One prompt at several temperatures, side by side: the probabilities of the next character, and
// the text. textgen/service/temperatures.py returns the value.
globalThis.textgen ??= {};

textgen.temperatures = (() => {
  const LEAD =
    "The network predicts a probability for every possible next character. A low temperature favors " +
    "the most likely ones, a high temperature evens them out; then one is sampled. The bars show the " +
    "first character after the prompt; ▸ marks the sampled one.";
  const EMPTY = "The same prompt at five temperatures appears here once a text is written.";
  const NAMES = { " ": ["␣", "space"], "\n": ["⏎", "line break"], "\t": ["⇥", "tab"] };

  // How a character is shown and what it is called, also an invisible one.
  function named(character) {
    if (Object.hasOwn(NAMES, character)) return NAMES[character];
    if (/^\p{M}$/u.test(character)) return [`◌${character}`, `mark ${character}`];
    if (!/^[\p{Z}\p{C}]$/u.test(character)) return [character, character];
    const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return [code, code];
  }

  function percent(number) {
    return number % 100 === 0 ? `${number}%` : `${number.toFixed(1)}%`;
  }

  function described(temperature) {
    if (temperature === 0) return "Always the most likely character.";
    if (temperature < 0.4) return "Safe: it repeats itself.";
    if (temperature < 0.8) return "A good balance of sense and surprise.";
    if (temperature <= 1) return "The probabilities as learned: adventurous.";
    return "Wild: words break down.";
  }

  function bar() {
    const row = textgen.node("div", "temperatures-row");
    const track = textgen.node("span", "temperatures-track");
    const parts = {
      symbol: textgen.node("span", "temperatures-symbol"),
      fill: textgen.node("span", "temperatures-fill"),
      number: textgen.node("span", "temperatures-number"),
    };
    track.append(parts.fill);
    row.append(parts.symbol, track, parts.number);
    return { row, ...parts };
  }

  // The probabilities of the next character, as bars in a fixed order.
  function picture() {
    const box = textgen.node("div", "temperatures-picture");
    box.setAttribute("role", "img");
    const bars = [];
    function draw(characters, at) {
      const [drawn] = at.text;
      const shares = characters.map((character, place) => [
        ...named(character),
        at.percent[place],
        character === drawn,
      ]);
      const amongOthers = drawn !== undefined && !characters.includes(drawn);
      shares.push(["others", "all others", at.others, amongOthers]);
      while (bars.length < shares.length) bars.push(bar());
      box.replaceChildren(...bars.slice(0, shares.length).map((one) => one.row));
      for (const [place, [symbol, , share, isDrawn]] of shares.entries()) {
        const one = bars[place];
        one.row.classList.toggle("drawn", isDrawn);
        one.row.classList.toggle("others", place === characters.length);
        one.symbol.textContent = symbol;
        one.fill.style.width = share === 0 ? "0" : `max(1px, ${share}%)`;
        one.number.textContent = percent(share);
      }
      const words = shares.map(
        ([, name, share, isDrawn]) => `${name} ${percent(share)}${isDrawn ? " (sampled)" : ""}`,
      );
      box.setAttribute("aria-label", `Probabilities of the next character: ${words.join(", ")}`);
    }
    return { box, draw };
  }

  function card(take) {
    const box = textgen.node("article", "temperatures-card");
    const heading = textgen.node("h3", "temperatures-heading");
    const note = textgen.node("p", "temperatures-note");
    const bars = picture();
    const button = textgen.node("button", "temperatures-take");
    const text = textgen.node("p", "temperatures-text");
    text.dir = "auto";
    const prompt = textgen.node("b", "temperatures-prompt");
    const written = textgen.node("span", "");
    let temperature = 0;
    button.type = "button";
    button.addEventListener("click", () => take(temperature));
    text.append(prompt, written);
    box.append(heading, note, bars.box, button, text);
    function draw(value, at) {
      temperature = at.temperature;
      const number = Number.isInteger(temperature) ? temperature.toFixed(1) : `${temperature}`;
      const shown = temperature === 0 ? "0" : number;
      const greedy = temperature === 0 ? textgen.node("span", "temperatures-greedy", " (greedy)") : "";
      heading.replaceChildren(`Temperature ${shown}`, greedy);
      note.textContent = described(temperature);
      button.textContent = `Write at ${shown}`;
      textgen.showProse(prompt, value.prompt, { after: at.text });
      textgen.showProse(written, at.text, { before: value.prompt });
      bars.draw(value.characters, at);
    }
    return { box, draw };
  }

  return (element, props, watch, trigger) => {
    const empty = textgen.node("p", "temperatures-empty", EMPTY);
    const cards = textgen.node("div", "temperatures-cards");
    const made = []; // reused for every value, so that a pressed button keeps the focus
    element.replaceChildren(textgen.node("p", "temperatures-lead", LEAD), empty, cards);
    function draw() {
      const value = props.value;
      const temperatures = value?.temperatures ?? [];
      empty.hidden = temperatures.length > 0;
      while (made.length < temperatures.length) {
        made.push(card((temperature) => trigger("take", { temperature })));
        cards.append(made.at(-1).box);
      }
      for (const [index, { box, draw: drawCard }] of made.entries()) {
        box.hidden = index >= temperatures.length;
        if (!box.hidden) drawCard(value, temperatures[index]);
      }
    }
    watch("value", draw);
    draw();
  };
})();
