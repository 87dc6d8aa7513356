// The learning curve as a scrubber: the validation loss of every snapshot, one of them chosen.
globalThis.textgen ??= {};
textgen.curve = (element, props, watch) => {
  const { element: make, svg } = textgen;
  const EDGE = 12; // half of the slider's thumb, which then sits under the chosen point
  const [TOP, BOTTOM] = [26, 24];
  const RUN = 11_000; // milliseconds for the whole playback, if that leaves time to read

  const picture = svg("svg", { class: "curve", "aria-hidden": "true" });
  const range = make("input", {
    type: "range",
    min: 0,
    step: 1,
    "aria-label": "Snapshot",
    oninput: () => (pause(), textgen.choose(textgen.snapshots[range.valueAsNumber])),
  });
  const play = make("button", { type: "button", class: "play", onclick: () => (timer ? pause() : start()) });
  const caption = make("p", { class: "caption" });
  const about_rungs = make(
    "p",
    { class: "axis rungs" },
    "Dashed: counting models, which write down how often each letter follows each sequence of letters.",
  );
  const rungs_in_words = make("p", { class: "unseen" });
  const status = make("p", { class: "unseen", role: "status" }); // only the end of a playback: announcing every step would take minutes
  element.append(
    make("p", { class: "axis" }, "validation loss in bits per character, lower is better"),
    picture,
    rungs_in_words,
    range,
    make("p", { class: "axis below" }, "epochs (passes over the text), not to scale"),
    about_rungs,
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
  let lines = []; // of random guessing and the counting models
  const draw = () => {
    const { rungs, snapshots: shots } = textgen;
    const { guessing } = props.value;
    const height = rungs.length ? 220 : 190;
    const whole = Math.max(200, picture.getBoundingClientRect().width);
    const width = whole - textgen.curveRungs.width(whole, rungs);
    const bits = [guessing, ...[...shots, ...rungs].map((one) => one.bits)];
    const bottom = height - BOTTOM;
    const { y, levels } = textgen.chart.scale(bits, TOP, bottom);
    const x = (index) => EDGE + (index * (width - 2 * EDGE)) / Math.max(1, shots.length - 1);
    const grid = levels.flatMap((value) => [
      rungs.length ? null : svg("line", { class: "grid", x1: 0, x2: width, y1: y(value), y2: y(value) }),
      svg("text", { class: "level", x: 0, y: y(value) + (rungs.length ? 4 : -4) }, `${value}`),
    ]);
    lines = rungs.length
      ? textgen.curveRungs.draw({ guessing, rungs, y, left: width, whole, bottom })
      : [
          svg("line", { class: "at-random", x1: 0, x2: width, y1: y(guessing), y2: y(guessing) }),
          svg(
            "text",
            { class: "level", x: width, y: Math.min(y(guessing) + 14, bottom), "text-anchor": "end" },
            `${guessing.toFixed(2)}: random guessing`,
          ),
        ];
    let end = -Infinity; // of the previous label, so that labels do not touch
    const ticks = shots.flatMap((one, index) => {
      const half = 4 * one.label.length;
      const middle = Math.min(width - half, Math.max(half, x(index)));
      if (middle - half < end + 8) return [];
      end = middle + half;
      return [svg("text", { class: "tick", x: middle, y: height - 4, "text-anchor": "middle" }, one.label)];
    });
    dots = shots.map((one, index) => point(one, x(index), y(one.bits), width));
    const corners = shots.map((one, index) => `${x(index).toFixed(1)},${y(one.bits).toFixed(1)}`);
    const path = svg("polyline", { class: "line", points: corners.join(" ") });
    picture.setAttribute("height", height);
    picture.setAttribute("viewBox", `0 0 ${whole} ${height}`);
    picture.replaceChildren(...grid.filter(Boolean), ...lines, path, ...ticks, ...dots);
    element.style.setProperty("--beside", `${whole - width}px`); // the slider ends where the curve does
    range.max = shots.length - 1;
    for (const one of [about_rungs, rungs_in_words]) one.hidden = rungs.length === 0;
    rungs_in_words.textContent = textgen.curveRungs.words({ guessing, rungs });
    mark();
  };
  const point = (one, x, y, width) =>
    svg(
      "g",
      { class: "point", onclick: () => (pause(), textgen.choose(one)) },
      svg("circle", { class: "target", cx: x, cy: y, r: 14 }),
      svg("circle", { class: "dot", cx: x, cy: y, r: 4.5 }),
      svg(
        "text",
        {
          class: "value",
          x: Math.min(width - 22, Math.max(32, x + 12)), // not over the numbers of the levels
          y: y - 14,
          "text-anchor": "middle",
        },
        one.bits.toFixed(2),
      ),
    );
  const mark = () => {
    const { chosen, snapshots } = textgen;
    const index = snapshots.indexOf(chosen);
    dots.forEach((dot, place) => dot.classList.toggle("chosen", place === index));
    lines.forEach((line, place) => line.classList.toggle("beaten", place > 0 && place === chosen.beaten));
    range.value = index;
    describe();
  };
  const describe = () => {
    const { chosen } = textgen;
    const name = `${chosen.description}${chosen.best ? ", the best" : ""}`;
    const said = textgen.measurements(chosen);
    const { standing } = chosen; // empty if no counting models were measured
    range.setAttribute("aria-valuetext", `${name}: ${said}${standing && `. ${standing}`}`);
    caption.replaceChildren(
      make("strong", {}, name),
      make("span", {}, said),
      ...(standing ? [make("span", { class: "standing" }, standing)] : []),
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
