// What the two charts share: the scale of the bits, and labels that do not overlap.
globalThis.textgen ??= {};
textgen.chart = (() => {
  const LEVELS = 6; // numbers on the axis, roughly

  // The vertical scale of some bits between two heights: a function, and the whole numbers on it.
  const scale = (bits, top, bottom) => {
    const low = Math.floor(2 * bits.reduce((one, other) => Math.min(one, other))) / 2;
    const high = Math.ceil(bits.reduce((one, other) => Math.max(one, other)) + 0.01);
    const every = Math.ceil((high - low) / LEVELS);
    const levels = [];
    for (let value = Math.ceil(low); value <= high; value += every) levels.push(value);
    // Divided first: a stranger's timeline may have huge numbers.
    return { y: (value) => top + (bottom - top) * ((high - value) / (high - low)), levels };
  };

  // Moves heights, given from top to bottom, apart until there is room for a line of text at each.
  const spread = (wanted, gap, bottom) => {
    const placed = [];
    for (const one of wanted) placed.push(Math.max(one, (placed.at(-1) ?? -Infinity) + gap));
    let end = bottom;
    for (let place = placed.length - 1; place >= 0; place -= 1) {
      placed[place] = Math.min(placed[place], end);
      end = placed[place] - gap;
    }
    return placed;
  };

  return { scale, spread };
})();
