// Hard-wrapped prose, shown as paragraphs: a line break inside a paragraph looks like a space. The
// characters of the page stay those of the text, so what is copied has the line breaks.
globalThis.textgen ??= {};
{
  // Inside a paragraph: neither a blank line nor an indented one follows. The decision at training,
  // is_hard_wrapped in textgen/text/wrapping.py, counts the same line breaks.
  const SOFT_BREAK = /(?<=[^\n])\n(?=\S)/g;

  Object.assign(textgen, {
    // The places of the line breaks to show as spaces in a text that the chosen model wrote.
    softBreaks(text) {
      return textgen.hard_wrapped ? Array.from(text.matchAll(SOFT_BREAK), ({ index }) => index) : [];
    },

    // Shows a part of such a text in an element. What comes before and after it decides about the
    // line breaks at its ends.
    showProse(element, text, { before = "", after = "" } = {}) {
      const [first, next] = [before.slice(-1), after.slice(0, 1)];
      const parts = [];
      let start = 0;
      for (const place of textgen.softBreaks(first + text + next)) {
        const end = place - first.length;
        if (end < 0 || end >= text.length) continue;
        parts.push(text.slice(start, end), textgen.node("span", "soft-break", "\n"));
        start = end + 1;
      }
      element.replaceChildren(...parts, text.slice(start));
    },
  });

  // Selected text is copied with its line breaks, whatever they look like.
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    const breaks = [...document.querySelectorAll(".soft-break")].filter((one) => selection.containsNode(one, true));
    if (event.target.closest?.("input, textarea") || !breaks.length) return;
    // The browser returns selected text as it looks.
    for (const one of breaks) one.style.whiteSpace = "pre";
    event.clipboardData.setData("text/plain", `${selection}`);
    for (const one of breaks) one.style.whiteSpace = "";
    event.preventDefault();
  });
}
