/* Conveniences only; every page does its whole work without this file. */
(() => {
  "use strict";
  const openPopups = () => document.querySelectorAll("details.popup[open]");

  document.addEventListener("click", (event) => {
    for (const popup of openPopups()) if (!popup.contains(event.target)) popup.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const popup of openPopups()) {
      popup.open = false;
      popup.querySelector("summary").focus();
    }
  });

  // Copy buttons are hidden in the markup: without a script they would do nothing.
  const offerCopies = (root) => {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy]")) button.hidden = false;
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    const said = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
  offerCopies(document);
  document.addEventListener("htmx:afterSwap", (event) => offerCopies(event.target));

  // The same of print buttons.
  for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  // WCAG 3.3.1: after a refused form the summary is what the person hears first.
  document.querySelector(".error-summary")?.focus();
})();
