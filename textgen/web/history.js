// The address bar follows what is shown, and a list leads back to earlier texts.
globalThis.textgen ??= {};
textgen.history = (element, props, watch, trigger) => {
  const { element: make } = textgen;
  const KEY = "textgen-history";
  const MOST = 20;

  const list = make("ol");
  const summary = make("summary");
  element.append(make("details", {}, summary, list));

  let past = [];
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    const whole = (one) => [one?.link, one?.query, one?.title].every((part) => typeof part === "string");
    past = kept.filter(whole);
  } catch {
    // Storage is blocked, or has other content: start with an empty list.
  }
  const draw = () => {
    summary.textContent = `History (${past.length})`;
    const back = ({ query, title }) =>
      make("button", { type: "button", onclick: () => trigger("open_link", { query }), dir: "auto" }, title);
    list.replaceChildren(...past.map((one) => make("li", {}, back(one))));
  };
  const remember = () => {
    const { passage, snapshots } = textgen;
    // Skip values that a slider only passed through: their texts were never all written.
    if (!snapshots.every(textgen.written) || past[0]?.link === passage.link) return;
    const entry = { link: passage.link, query: textgen.query(), title: passage.title };
    past = [entry, ...past.filter((one) => one.link !== entry.link)].slice(0, MOST);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(past));
    } catch {
      // The list then lasts only while the page is open.
    }
    draw();
  };

  let usual = null; // the query of the first view, which needs no query in the address
  let timer = null;
  const follow = () => {
    if (!textgen.passage) return;
    usual ??= textgen.query();
    if (textgen.linked && textgen.passage.request_id === 0) return;
    remember();
    // Browsers limit how often the address may change.
    timer ??= setTimeout(() => {
      timer = null;
      const query = textgen.query();
      history.replaceState(history.state, "", textgen.url(query === usual ? "" : query));
    }, 300);
  };
  textgen.on(element, "passage", follow);
  textgen.on(element, "chosen", follow);
  draw();
  follow();
  if (textgen.linked) setTimeout(() => trigger("open_link", { query: location.search.slice(1) }));
};
