// Lays out the text fields in the direction of their text. Gradio renders them late and with a fixed
// direction, so this watches for every new field and every change of a direction.
{
  const FIELDS = ':is(#seed-text, #own-text) textarea:not([dir="auto"])';
  const follow = () => {
    for (const field of document.querySelectorAll(FIELDS)) field.dir = "auto";
  };
  const changes = { subtree: true, childList: true, attributeFilter: ["dir"] };
  new MutationObserver(follow).observe(document, changes);
}
