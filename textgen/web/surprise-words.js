// What "look inside" says of a text: sentences, legend and scale, made from the component's value.
globalThis.textgen ??= {};

(() => {
  "use strict";

  const TOP_LEVEL = 8; // bits from which on the colour stays the same
  const LONGEST_QUOTE = 60; // characters
  const NAMES = { " ": "space", "\n": "line break", "\t": "tab" };
  const EMPTY = {
    written:
      "Here its text will stand with every character coloured by how much it surprised the network.",
    typed:
      "Here your text will stand with every character coloured by how much it surprises the network.",
  };
  const ABOUT_BITS =
    "Lower is better foreseen. A bit is the surprise of a coin toss: 1 bit, it gave the character " +
    "one chance in 2; 2 bits, one in 4; 3 bits, one in 8.";
  const ABOUT_TEMPERATURE = "The chances are the network's own, before the temperature changes them.";

  const level = (bits) => (bits === null ? "first" : Math.min(TOP_LEVEL, Math.round(bits)));

  const percent = (share) => {
    if (share < 0.05) return "under 0.1\u00a0%";
    return `${share >= 9.95 ? Math.round(share) : Number(share.toFixed(1))}\u00a0%`;
  };

  // Of the text.

  const summary = (value, letters) => [
    ...value.notes.map((note) => textgen.node("p", "surprise-quiet", note)),
    score(value),
    ...(value.typed ? [scale(value)] : []),
    textgen.node("p", "surprise-quiet", value.typed ? ABOUT_BITS : `${ABOUT_BITS} ${ABOUT_TEMPERATURE}`),
    ...(value.copied === null ? [] : [textgen.node("p", "", copied(value, letters))]),
  ];

  const score = (value) => {
    const line = textgen.node("p", "surprise-score");
    const [bits, held, random] = [value.bits_per_char, value.held_out_bits, value.random_bits].map(
      (number) => number.toFixed(1),
    );
    line.append(
      textgen.node("b", "", `${bits} bits per character`),
      `${value.typed ? "" : ", on average"}: pages of the book it never saw score ${held}, guessing ` +
        `at random among its ${value.symbols} characters ${random}.`,
    );
    return line;
  };

  const copied = (value, letters) => {
    if (!value.copied.length) {
      return value.typed
        ? `The book has nothing of your text: no run of ${value.run} characters stands in both.`
        : `Nothing of it was copied: no run of ${value.run} characters stands in the text it read.`;
    }
    const sentence =
      `${percent(100 * value.copied_share)} of ${value.typed ? "your text" : "what it wrote"} ` +
      `stands in runs of ${value.run} or more characters that the book has too`;
    if (value.longest === null) return `${sentence}.`;
    const run = letters.slice(...value.longest);
    const quoted = run.slice(0, LONGEST_QUOTE).join("").replace(/\s+/gu, " ").trim();
    const cut = run.length > LONGEST_QUOTE ? " …" : "";
    return `${sentence}; the longest: “${quoted}${cut}” (${run.length} characters).`;
  };

  const legend = (value) => {
    const steps = textgen.node("span", "surprise-steps");
    for (let bits = 0; bits <= TOP_LEVEL; bits++) {
      steps.append(textgen.node("span", `surprise-${bits}`, `${bits}${bits === TOP_LEVEL ? "+" : ""}`));
    }
    const parts = [textgen.node("span", "", "Surprise in bits:"), steps];
    if (value.prompt_length) parts.push(sample("surprise-read", "bold", ": the opening it was given"));
    if (value.copied?.length) parts.push(sample("surprise-copied", "underlined", ": in the book too"));
    return parts;
  };

  const sample = (className, word, meaning) => {
    const part = textgen.node("span", "");
    part.append(textgen.node("span", className, word), meaning);
    return part;
  };

  // From 0 to a guess at random, a picture of what `score` says.
  const scale = (value) => {
    const picture = textgen.node("div", "surprise-scale");
    picture.setAttribute("aria-hidden", "true");
    const end = Math.max(value.random_bits, value.bits_per_char, 1);
    const line = textgen.node("div", "surprise-line");
    for (let bits = 0; bits <= end; bits++) {
      const tick = line.appendChild(textgen.node("span", "surprise-tick", String(bits)));
      tick.style.left = `${(100 * bits) / end}%`;
    }
    const mark = (kind, bits, words) => {
      const share = (100 * bits) / end;
      const stem = line.appendChild(textgen.node("span", `surprise-stem surprise-stem-${kind}`));
      stem.style.left = `${share}%`;
      const label = textgen.node("div", "surprise-label", `${words} `);
      label.append(textgen.node("b", "", bits.toFixed(1)));
      // Moved back by the same share of its own width, a label never leaves the picture.
      label.style.left = `${share}%`;
      label.style.transform = `translateX(${-share}%)`;
      return label;
    };
    picture.append(
      mark("here", value.bits_per_char, "this text"),
      line,
      mark("held", value.held_out_bits, "pages of the book it never saw"),
      mark("random", value.random_bits, "guessing at random"),
    );
    return picture;
  };

  // Of one of its characters.

  // The name of a character that cannot be seen, else the character.
  const bare = (letter) => {
    if (Object.hasOwn(NAMES, letter)) return NAMES[letter];
    if (/^[\p{C}\p{Z}]$/u.test(letter)) {
      return `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    }
    return /^\p{M}$/u.test(letter) ? `◌${letter}` : letter;
  };

  const called = (letter) => (bare(letter) === letter ? `“${letter}”` : bare(letter));

  // What was likelier there: [character, per cent], best first.
  const alternatives = (value, place) => {
    const [likeliest, chances] = value.alternatives[place] ?? ["", []];
    return Array.from(likeliest, (letter, rank) => [letter, chances[rank]]);
  };

  const surprise = (value, letters, place) => {
    const bits = value.bits[place];
    if (bits === null) return "The first character: nothing stands before it to foresee it from.";
    const own = alternatives(value, place).find(([letter]) => letter === letters[place]);
    const chance = percent(own ? own[1] : 100 * 2 ** -bits);
    return `surprise ${bits.toFixed(1)} bits: it gave this ${chance}${own ? "" : ", less than any of these"}`;
  };

  const aloud = (value, letters, place) => {
    const others = alternatives(value, place).map(
      ([letter, chance]) => `${bare(letter)} ${percent(chance)}`,
    );
    const end = others.length ? `. Likeliest: ${others.join(", ")}.` : "";
    return `${called(letters[place])}: ${surprise(value, letters, place)}${end}`;
  };

  textgen.surpriseWords = {
    EMPTY, alternatives, aloud, bare, called, legend, level, summary, surprise,
  };
})();
