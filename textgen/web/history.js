// Where this visit has been: the address follows what is shown, and a list leads back.
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
    // Storage is refused, or holds something else: the visit starts here.
  }
  const draw = () => {
    summary.textContent = `This visit (${past.length})`;
    const back = ({ query, title }) =>
      make("button", { type: "button", onclick: () => trigger("open_link", { query }) }, title);
    list.replaceChildren(...past.map((one) => make("li", {}, back(one))));
  };
  const remember = () => {
    const { passage, snapshots } = textgen;
    // What a slider only passed through never comes to all its texts.
    if (!snapshots.every(textgen.written) || past[0]?.link === passage.link) return;
    const entry = { link: passage.link, query: textgen.query(), title: passage.title };
    past = [entry, ...past.filter((one) => one.link !== entry.link)].slice(0, MOST);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(past));
    } catch {
      // It is remembered as long as the page is open.
    }
    draw();
  };

  let usual = null; // the query of what everybody sees first, whose address is the plain one
  let timer = null;
  const follow = () => {
    if (!textgen.passage) return;
    usual ??= textgen.query();
    if (textgen.linked && textgen.passage.request_id === 0) return;
    remember();
    // Browsers refuse an address that changes with every move of the scrubber.
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
