// How far back a model looks: the loss of every snapshot when it is shown only the last characters.
globalThis.textgen ??= {};
textgen.context = (element) => {
  const { element: make, svg } = textgen;
  const HEIGHT = 300;
  const [TOP, BOTTOM, LEFT, RIGHT] = [26, 24, 34, 18];
  const NUMBER = 36; // the width of a number of the picture
  const LEAD =
    "The network predicts each character from the ones before it. For this picture, it was shown only " +
    "the last few characters of the validation text, then more and more. Where a line stops falling, " +
    "that snapshot looks no further back.";

  const words = make("p", { class: "context-words" });
  const picture = svg("svg", { "aria-hidden": "true", height: HEIGHT });
  const figures = make("p", { class: "unseen" });
  const key = make("p", { class: "axis" });
  element.append(
    make(
      "details",
      {},
      make("summary", {}, "How far back it looks"),
      make("p", { class: "context-lead" }, LEAD),
      words,
      make("p", { class: "axis" }, "validation loss in bits per character, lower is better"),
      picture,
      figures,
      make("p", { class: "axis below" }, "number of earlier characters shown, not to scale"),
      key,
    ),
  );

  let lines = new Map(); // from each snapshot to its line
  const front = svg("g", { class: "front" }); // the numbers of the chosen snapshot
  let place = null; // functions from characters and bits to the picture

  const draw = () => {
    const shots = textgen.snapshots.filter((one) => one.context.length);
    lines = new Map();
    element.hidden = shots.length === 0;
    if (element.hidden) return;
    const width = Math.max(200, picture.getBoundingClientRect().width);
    const lengths = [...new Set(shots.flatMap((one) => one.context.map(([shown]) => shown)))];
    lengths.sort((one, other) => one - other);
    const [least, most] = [lengths[0], lengths.at(-1)];
    const counted = textgen.rungs
      .map(({ order, bits }) => [order - 1, bits]) // a count of 3 letters predicts from 2
      .filter(([shown]) => least <= shown && shown <= most);
    const bits = [...shots.flatMap((one) => one.context), ...counted].map(([, one]) => one);
    const { y, levels } = textgen.chart.scale(bits, TOP, HEIGHT - BOTTOM);
    const x = (shown) =>
      LEFT + (width - LEFT - RIGHT) * (least === most ? 0.5 : Math.log2(shown / least) / Math.log2(most / least));
    place = { x, y };
    const grid = levels.flatMap((value) => [
      svg("line", { class: "grid", x1: 0, x2: width, y1: y(value), y2: y(value) }),
      svg("text", { class: "level", x: 0, y: y(value) - 4 }, `${value}`),
    ]);
    for (const one of shots) {
      lines.set(
        one,
        svg(
          "g",
          { class: "line", onclick: () => textgen.choose(one) },
          svg("title", {}, one.description),
          svg("polyline", { class: "target", points: corners(one.context) }),
          svg("polyline", { class: "drawn", points: corners(one.context) }),
        ),
      );
    }
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    picture.replaceChildren(
      ...grid,
      svg("polyline", { class: "counted", points: corners(counted) }),
      ...spaced(lengths, (shown) => x(shown), (shown, at) =>
        svg("text", { class: "tick", x: at, y: HEIGHT - 4 }, shown.toLocaleString("en")),
      ),
      ...lines.values(),
    );
    key.textContent =
      "Bold: the chosen snapshot. Thin: the others." +
      (counted.length ? " Dashed: the counting models; one that counts 4 letters looks back 3." : "");
    mark();
  };
  const corners = (context) =>
    context.map(([shown, bits]) => `${place.x(shown).toFixed(1)},${place.y(bits).toFixed(1)}`).join(" ");

  // What `draws` makes of each, without those that would touch the one before.
  const spaced = (all, at, draws) => {
    let end = -Infinity;
    return all.flatMap((one) => {
      if (at(one) < end + NUMBER) return [];
      end = at(one);
      return [draws(one, end)];
    });
  };

  const mark = () => {
    const { chosen } = textgen;
    words.replaceChildren(
      make("strong", {}, `${chosen.description}: `),
      chosen.context_words || "not measured.",
    );
    figures.textContent = chosen.context.map(([shown, bits]) => `${shown}: ${bits.toFixed(2)} bits`).join(", ");
    picture.querySelector(".line.chosen")?.classList.remove("chosen");
    const line = lines.get(chosen);
    front.replaceChildren();
    if (!line) return;
    line.classList.add("chosen");
    line.parentNode.append(line, front); // in front of the others
    front.append(
      ...chosen.context.map(([shown, bits]) => svg("circle", { cx: place.x(shown), cy: place.y(bits), r: 4 })),
      ...spaced(chosen.context, ([shown]) => place.x(shown), ([, bits], at) =>
        svg("text", { class: "value", x: at, y: place.y(bits) - 10 }, bits.toFixed(2)),
      ),
    );
  };

  textgen.on(element, "snapshots", draw);
  textgen.on(element, "chosen", mark);
  new ResizeObserver(draw).observe(picture);
  if (textgen.chosen) draw();
};
