// For who takes the model elsewhere: code to run, links, facts, limits. The value is what
// `about` of textgen/service/reuse.py gives.
globalThis.textgen ??= {};

textgen.reuse = (() => {
  const LEAD =
    "Code with the settings chosen above filled in: the same model, opening and dice write the same " +
    "text. (On another processor a sum may round otherwise, and at a near tie turn a character.)";
  const EMPTY = "Code to run, facts and limits come here once a model is chosen.";
  const SHOWN_MS = 4000;

  function select(element) {
    const selection = getSelection();
    selection.removeAllRanges();
    selection.selectAllChildren(element);
  }

  // Return what to show on the button, and what to say. Browsers refuse the clipboard to a page in
  // a frame, or without HTTPS.
  async function copy(code) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return ["Copied", "Copied."];
    } catch {
      select(code);
      const keys = /Mac|iP/.test(navigator.platform) ? "⌘C" : "Ctrl+C";
      return [`Press ${keys}`, `Selected: press ${keys} to copy it.`];
    }
  }

  function snippet() {
    const box = textgen.node("section", "reuse-snippet");
    const heading = textgen.node("h4", "reuse-title");
    const button = textgen.node("button", "reuse-copy", "Copy");
    const status = textgen.node("span", "reuse-status");
    const code = textgen.node("code", "");
    const scrolled = textgen.node("pre", "reuse-code", code);
    let clearing;
    button.type = "button";
    status.setAttribute("role", "status");
    scrolled.tabIndex = 0; // so that the arrow keys scroll it
    scrolled.setAttribute("role", "region");
    scrolled.dir = "ltr";
    button.addEventListener("click", async () => {
      [button.textContent, status.textContent] = await copy(code);
      clearTimeout(clearing);
      clearing = setTimeout(() => {
        [button.textContent, status.textContent] = ["Copy", ""];
      }, SHOWN_MS);
    });
    box.append(textgen.node("div", "reuse-head", heading, status, button), scrolled);
    function draw(value) {
      heading.textContent = value.title;
      button.setAttribute("aria-label", `Copy: ${value.title}`);
      scrolled.setAttribute("aria-label", `Code: ${value.title}`);
      code.dataset.language = value.language;
      if (code.textContent !== value.code) code.textContent = value.code;
    }
    return { box, draw };
  }

  // A link where the address is one of the web's, else words.
  function link([words, address]) {
    const web = /^https?:\/\/[\w.-]+(:\d+)?(\/|$)/.test(address);
    if (!web) return textgen.node("li", "", `${words}: ${address}`);
    const made = textgen.node("a", "", words);
    made.href = address;
    made.target = "_blank";
    made.rel = "noopener noreferrer nofollow";
    return textgen.node("li", "", made);
  }

  function fact([name, words]) {
    return textgen.node("div", "reuse-fact", textgen.node("dt", "", name), textgen.node("dd", "", words));
  }

  return (element, props, watch) => {
    const empty = textgen.node("p", "reuse-empty", EMPTY);
    const snippets = textgen.node("div", "reuse-snippets");
    const links = textgen.node("ul", "reuse-links");
    const facts = textgen.node("dl", "reuse-facts");
    const limits = textgen.node("ul", "reuse-limits");
    const all = textgen.node(
      "div",
      "reuse-all",
      textgen.node("h3", "", "Write with it elsewhere"),
      textgen.node("p", "reuse-lead", LEAD),
      snippets,
      textgen.node("h3", "", "What it is"),
      facts,
      links,
      textgen.node("h3", "", "What not to take it for"),
      limits,
    );
    const made = []; // kept from value to value, so that a button that was pressed keeps the focus
    element.replaceChildren(empty, all);
    function draw() {
      const value = props.value;
      all.hidden = !value?.snippets;
      empty.hidden = !all.hidden;
      if (all.hidden) return;
      while (made.length < value.snippets.length) {
        made.push(snippet());
        snippets.append(made.at(-1).box);
      }
      for (const [index, { box, draw: drawSnippet }] of made.entries()) {
        box.hidden = index >= value.snippets.length;
        if (!box.hidden) drawSnippet(value.snippets[index]);
      }
      facts.replaceChildren(...value.facts.map(fact));
      links.replaceChildren(...value.links.map(link));
      limits.replaceChildren(...value.limits.map((sentence) => textgen.node("li", "", sentence)));
    }
    watch("value", draw);
    draw();
  };
})();
