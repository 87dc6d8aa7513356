// Random guessing and the counting models, as horizontal lines behind the learning curve with their
// names beside it.
globalThis.textgen ??= {};
textgen.curveRungs = (() => {
  const WIDE = 480; // pixels; then there is room for the numbers too
  const [LEADER, NAME, NUMBER] = [12, 90, 32];
  const NUMBERS = 14; // the width of the numbers at the left
  const GAP = 13; // between two lines of text

  const width = (whole, rungs) => {
    if (rungs.length === 0) return 0;
    return LEADER + NAME + (whole >= WIDE ? NUMBER : 0);
  };

  // `left` is where the curve ends and the names begin.
  const draw = ({ guessing, rungs, y, left, whole, bottom }) => {
    const { svg } = textgen;
    const lines = [{ name: "guessing", bits: guessing }, ...rungs];
    const places = textgen.chart.spread(lines.map(({ bits }) => y(bits)), GAP, bottom);
    return lines.map(({ name, bits }, index) => {
      const [from, to] = [y(bits), places[index]];
      return svg(
        "g",
        { class: "rung" },
        svg("polyline", { points: `${NUMBERS},${from} ${left},${from} ${left + LEADER - 3},${to}` }),
        svg("text", { x: left + LEADER, y: to + 4 }, name),
        whole < WIDE ? null : svg("text", { x: whole, y: to + 4, "text-anchor": "end" }, bits.toFixed(2)),
      );
    });
  };

  // The same in words, for screen readers.
  const words = ({ guessing, rungs }) => {
    const said = [{ name: "guessing", bits: guessing }, ...rungs].map(
      ({ name, bits }) => `${name} ${bits.toFixed(2)}`,
    );
    return `The dashed lines, in bits per character: ${said.join(", ")}.`;
  };

  return { width, draw, words };
})();
