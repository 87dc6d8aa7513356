// The sentences, legend and scale of the surprise view, made from the component's value.
globalThis.textgen ??= {};

(() => {
  "use strict";

  const TOP_LEVEL = 8; // bits; above this the color stays the same
  const LONGEST_QUOTE = 60; // characters
  const NAMES = { " ": "space", "\n": "line break", "\t": "tab" };
  const EMPTY = {
    written:
      "The text appears here, each character colored by how much it surprised the network.",
    typed:
      "Your text appears here, each character colored by how much it surprises the network.",
  };
  const ABOUT_BITS =
    "Surprise is −log₂ of the probability that the network gave the character, in bits: 1 bit means " +
    "a probability of 1/2, 2 bits 1/4, 3 bits 1/8. Lower means better predicted.";
  const ABOUT_TEMPERATURE = "Probabilities are shown before the temperature changes them.";

  const level = (bits) => (bits === null ? "first" : Math.min(TOP_LEVEL, Math.round(bits)));

  const percent = (share) => {
    if (share < 0.05) return "under 0.1%";
    return `${share >= 9.95 ? Math.round(share) : Number(share.toFixed(1))}%`;
  };

  // About the text.

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
      `${value.typed ? "" : " on average"}. For comparison: the validation text scores ${held}, random ` +
        `guessing among the ${value.symbols} characters ${random}.`,
    );
    return line;
  };

  const copied = (value, letters) => {
    if (!value.copied.length) {
      return value.typed
        ? `Nothing copied: no run of ${value.run} or more characters of your text also occurs in the training text.`
        : `Nothing copied: no run of ${value.run} or more characters also occurs in the training text.`;
    }
    const sentence =
      `Copied: ${percent(100 * value.copied_share)} of ${value.typed ? "your text" : "the text"} is in ` +
      `runs of ${value.run} or more characters that also occur in the training text`;
    if (value.longest === null) return `${sentence}.`;
    const run = letters.slice(...value.longest);
    const quoted = run.slice(0, LONGEST_QUOTE).join("").replace(/\s+/gu, " ").trim();
    const cut = run.length > LONGEST_QUOTE ? " …" : "";
    return `${sentence}. The longest: “${quoted}${cut}” (${run.length} characters).`;
  };

  const legend = (value) => {
    const steps = textgen.node("span", "surprise-steps");
    for (let bits = 0; bits <= TOP_LEVEL; bits++) {
      steps.append(textgen.node("span", `surprise-${bits}`, `${bits}${bits === TOP_LEVEL ? "+" : ""}`));
    }
    const parts = [textgen.node("span", "", "Surprise in bits:"), steps];
    if (value.prompt_length) parts.push(sample("surprise-read", "bold", ": the prompt"));
    if (!value.typed && textgen.softBreaks(value.text).length) parts.push(textgen.node("span", "", "↵: a line break"));
    if (value.copied?.length) parts.push(sample("surprise-copied", "underlined", ": copied from the training text"));
    return parts;
  };

  const sample = (className, word, meaning) => {
    const part = textgen.node("span", "");
    part.append(textgen.node("span", className, word), meaning);
    return part;
  };

  // A scale from 0 to random guessing that shows the figures of `score`.
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
      // Shifted back by the same share of its width, a label never leaves the picture.
      label.style.left = `${share}%`;
      label.style.transform = `translateX(${-share}%)`;
      return label;
    };
    picture.append(
      mark("here", value.bits_per_char, "this text"),
      line,
      mark("held", value.held_out_bits, "validation text"),
      mark("random", value.random_bits, "random guessing"),
    );
    return picture;
  };

  // About one character.

  // The name of an invisible character, else the character.
  const bare = (letter) => {
    if (Object.hasOwn(NAMES, letter)) return NAMES[letter];
    if (/^[\p{C}\p{Z}]$/u.test(letter)) {
      return `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
    }
    return /^\p{M}$/u.test(letter) ? `◌${letter}` : letter;
  };

  const called = (letter) => (bare(letter) === letter ? `“${letter}”` : bare(letter));

  // The most likely characters there: [character, percent], best first.
  const alternatives = (value, place) => {
    const [characters, percents] = value.alternatives[place] ?? ["", []];
    return Array.from(characters, (letter, rank) => [letter, percents[rank]]);
  };

  const surprise = (value, letters, place) => {
    const bits = value.bits[place];
    if (bits === null) return "The first character: there is nothing before it to predict it from.";
    const own = alternatives(value, place).find(([letter]) => letter === letters[place]);
    const probability = percent(own ? own[1] : 100 * 2 ** -bits);
    return `Surprise ${bits.toFixed(1)} bits: probability ${probability}${own ? "" : ", lower than all of these"}`;
  };

  const aloud = (value, letters, place) => {
    const others = alternatives(value, place).map(
      ([letter, share]) => `${bare(letter)} ${percent(share)}`,
    );
    const end = others.length ? `. Most likely: ${others.join(", ")}.` : "";
    return `${called(letters[place])}: ${surprise(value, letters, place)}${end}`;
  };

  textgen.surpriseWords = {
    EMPTY, alternatives, aloud, bare, called, legend, level, summary, surprise,
  };
})();
