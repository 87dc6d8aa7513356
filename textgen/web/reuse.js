// Code, links, facts and limitations for using the model elsewhere. `about` in
// textgen/service/reuse.py returns the value.
globalThis.textgen ??= {};

textgen.reuse = (() => {
  const LEAD =
    "This code contains the settings chosen above. The same model, prompt and random seed write the " +
    "same text. (On another processor, rounding can flip a near-tie; the text differs from there on.)";
  const EMPTY = "Code, facts and limitations appear here when a model is chosen.";
  const SHOWN_MS = 4000;

  function select(element) {
    const selection = getSelection();
    selection.removeAllRanges();
    selection.selectAllChildren(element);
  }

  // Return the words for the button and for the screen reader. Browsers block the clipboard in
  // frames and without HTTPS.
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

  // A link if the address is a web address, else plain text.
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
      textgen.node("h3", "", "Code"),
      textgen.node("p", "reuse-lead", LEAD),
      snippets,
      textgen.node("h3", "", "About this model"),
      facts,
      links,
      textgen.node("h3", "", "Limitations"),
      limits,
    );
    const made = []; // reused for every value, so that a pressed button keeps the focus
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
