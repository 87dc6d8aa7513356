// The learning curve as a scrubber: the validation loss of every snapshot, one of them chosen.
globalThis.textgen ??= {};
textgen.curve = (element, props, watch) => {
  const { element: make, svg } = textgen;
  const HEIGHT = 190;
  const EDGE = 12; // half of the slider's thumb, which then sits under the chosen point
  const [TOP, BOTTOM] = [26, 24];
  const RUN = 11_000; // milliseconds for the whole playback, if that leaves time to read

  const picture = svg("svg", { class: "curve", "aria-hidden": "true", height: HEIGHT });
  const range = make("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Snapshot",
    oninput: () => (pause(), textgen.choose(textgen.snapshots[range.valueAsNumber])),
  });
  const play = make("button", { type: "button", class: "play", onclick: () => (timer ? pause() : start()) });
  const caption = make("p", { class: "caption" });
  const status = make("p", { class: "unseen", role: "status" }); // only the end of a playback: announcing every step would take minutes
  element.append(
    make("p", { class: "axis" }, "validation loss in bits per character, lower is better"),
    picture,
    range,
    make("p", { class: "axis below" }, "epochs (passes over the text), not to scale"),
    make("div", { class: "chooser" }, play, caption),
    status,
  );

  let timer = null;
  const pause = () => {
    clearTimeout(timer);
    timer = null;
    play.textContent = "▶ Watch it learn";
  };
  const start = () => {
    const story = textgen.snapshots.slice(0, textgen.snapshots.findIndex((one) => one.best) + 1);
    const pause_ms = Math.max(400, Math.min(1100, RUN / story.length));
    play.textContent = "❚❚ Pause";
    status.textContent = "";
    let index = story.indexOf(textgen.chosen);
    if (index < 0 || index === story.length - 1) index = -1;
    const next = () => {
      // Waits for a text that is not written yet, so that no snapshot passes without its text.
      if (textgen.written(story[index + 1])) textgen.choose(story[(index += 1)]);
      if (index === story.length - 1) {
        pause();
        status.textContent = range.getAttribute("aria-valuetext");
      } else timer = setTimeout(next, pause_ms);
    };
    next();
  };

  let dots = [];
  const draw = () => {
    const shots = textgen.snapshots;
    const width = Math.max(200, picture.getBoundingClientRect().width);
    const { guessing } = props.value;
    const bits = [guessing, ...shots.map((one) => one.bits)];
    const [low, high] = [Math.floor(Math.min(...bits)), Math.ceil(Math.max(...bits) + 0.01)];
    const x = (index) => EDGE + (index * (width - 2 * EDGE)) / Math.max(1, shots.length - 1);
    const y = (value) => TOP + ((HEIGHT - TOP - BOTTOM) * (high - value)) / (high - low);
    const grid = [];
    const every = Math.ceil((high - low) / 6);
    for (let value = low; value <= high; value += every) {
      grid.push(
        svg("line", { class: "grid", x1: 0, x2: width, y1: y(value), y2: y(value) }),
        svg("text", { class: "level", x: 0, y: y(value) - 4 }, `${value}`),
      );
    }
    const at_random = [
      svg("line", { class: "at-random", x1: 0, x2: width, y1: y(guessing), y2: y(guessing) }),
      svg(
        "text",
        { class: "level", x: width, y: Math.min(y(guessing) + 14, HEIGHT - BOTTOM), "text-anchor": "end" },
        `${guessing.toFixed(2)}: random guessing`,
      ),
    ];
    let end = -Infinity; // of the previous label, so that labels do not touch
    const ticks = shots.flatMap((one, index) => {
      const half = 4 * one.label.length;
      const middle = Math.min(width - half, Math.max(half, x(index)));
      if (middle - half < end + 8) return [];
      end = middle + half;
      return [svg("text", { class: "tick", x: middle, y: HEIGHT - 4, "text-anchor": "middle" }, one.label)];
    });
    dots = shots.map((one, index) =>
      svg(
        "g",
        { class: "point", onclick: () => (pause(), textgen.choose(one)) },
        svg("circle", { class: "target", cx: x(index), cy: y(one.bits), r: 14 }),
        svg("circle", { class: "dot", cx: x(index), cy: y(one.bits), r: 4.5 }),
        svg(
          "text",
          {
            class: "value",
            x: Math.min(width - 22, Math.max(32, x(index))), // not over the numbers of the levels
            y: y(one.bits) - 14,
            "text-anchor": "middle",
          },
          one.bits.toFixed(2),
        ),
      ),
    );
    const line = shots.map((one, index) => `${x(index).toFixed(1)},${y(one.bits).toFixed(1)}`);
    const path = svg("polyline", { class: "line", points: line.join(" ") });
    picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    picture.replaceChildren(...grid, ...at_random, path, ...ticks, ...dots);
    range.max = shots.length - 1;
    mark();
  };
  const mark = () => {
    const { chosen, snapshots } = textgen;
    const index = snapshots.indexOf(chosen);
    dots.forEach((dot, place) => dot.classList.toggle("chosen", place === index));
    range.value = index;
    describe();
  };
  const describe = () => {
    const { chosen } = textgen;
    const name = `${chosen.description}${chosen.best ? ", the best" : ""}`;
    const said = textgen.measurements(chosen);
    range.setAttribute("aria-valuetext", `${name}: ${said}`);
    caption.replaceChildren(
      make("strong", {}, name),
      make("span", {}, said),
    );
  };

  pause();
  textgen.on(element, "snapshots", draw);
  textgen.on(element, "chosen", mark);
  textgen.on(element, "passage", describe);
  new ResizeObserver(draw).observe(picture);
  const showModel = () => (pause(), textgen.setModel(props.value));
  watch("value", showModel);
  showModel();
};
