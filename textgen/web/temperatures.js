// One prompt at several temperatures, side by side: the chances of the next character, and the
// text. The value is what textgen/service/temperatures.py gives.
globalThis.textgen ??= {};

textgen.temperatures = (() => {
  const LEAD =
    "Before each character the network gives every character a chance; the temperature sharpens " +
    "these chances or flattens them before one is drawn. Shown are those of the first one; " +
    "▸ marks what was drawn.";
  const EMPTY = "The same opening at five temperatures comes here once something is written.";
  const NAMES = { " ": ["␣", "space"], "\n": ["⏎", "line break"], "\t": ["⇥", "tab"] };

  // How a character is drawn and how it is called: also one that has no look of its own.
  function named(character) {
    if (Object.hasOwn(NAMES, character)) return NAMES[character];
    if (/^\p{M}$/u.test(character)) return [`◌${character}`, `mark ${character}`];
    if (!/^[\p{Z}\p{C}]$/u.test(character)) return [character, character];
    const code = `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    return [code, code];
  }

  function percent(number) {
    return number % 100 === 0 ? `${number} %` : `${number.toFixed(1)} %`;
  }

  function described(temperature) {
    if (temperature === 0) return "Temperature 0: always the likeliest character.";
    if (temperature < 0.4) return "Careful: it repeats itself.";
    if (temperature < 0.8) return "A good balance of sense and surprise.";
    if (temperature <= 1) return "The chances as it learned them: adventurous.";
    return "Reckless: words break down.";
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

  // What the next character is drawn from: as many bars as there are chances, in one order.
  function picture() {
    const box = textgen.node("div", "temperatures-picture");
    box.setAttribute("role", "img");
    const bars = [];
    function draw(characters, at) {
      const [drawn] = at.text;
      const chances = characters.map((character, place) => [
        ...named(character),
        at.percent[place],
        character === drawn,
      ]);
      const amongOthers = drawn !== undefined && !characters.includes(drawn);
      chances.push(["others", "all others", at.others, amongOthers]);
      while (bars.length < chances.length) bars.push(bar());
      box.replaceChildren(...bars.slice(0, chances.length).map((one) => one.row));
      for (const [place, [symbol, , chance, isDrawn]] of chances.entries()) {
        const one = bars[place];
        one.row.classList.toggle("drawn", isDrawn);
        one.row.classList.toggle("others", place === characters.length);
        one.symbol.textContent = symbol;
        one.fill.style.width = chance === 0 ? "0" : `max(1px, ${chance}%)`;
        one.number.textContent = percent(chance);
      }
      const words = chances.map(
        ([, name, chance, isDrawn]) => `${name} ${percent(chance)}${isDrawn ? " (drawn)" : ""}`,
      );
      box.setAttribute("aria-label", `Chances of the next character: ${words.join(", ")}`);
    }
    return { box, draw };
  }

  function card(take) {
    const box = textgen.node("article", "temperatures-card");
    const heading = textgen.node("h3", "temperatures-heading");
    const note = textgen.node("p", "temperatures-note");
    const chances = picture();
    const button = textgen.node("button", "temperatures-take");
    const text = textgen.node("p", "temperatures-text");
    const prompt = textgen.node("b", "temperatures-prompt");
    const written = textgen.node("span", "");
    let temperature = 0;
    button.type = "button";
    button.addEventListener("click", () => take(temperature));
    text.append(prompt, written);
    box.append(heading, note, chances.box, button, text);
    function draw(value, at) {
      temperature = at.temperature;
      const number = Number.isInteger(temperature) ? temperature.toFixed(1) : `${temperature}`;
      heading.textContent = temperature === 0 ? "Greedy" : `Temperature ${number}`;
      note.textContent = described(temperature);
      button.textContent = `Write at ${temperature === 0 ? "0" : number}`;
      prompt.textContent = value.prompt;
      written.textContent = at.text;
      chances.draw(value.characters, at);
    }
    return { box, draw };
  }

  return (element, props, watch, trigger) => {
    const empty = textgen.node("p", "temperatures-empty", EMPTY);
    const cards = textgen.node("div", "temperatures-cards");
    const made = []; // kept from value to value, so that a button that was pressed keeps the focus
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
