// Charts are data; expressions are interpreted, never compiled, so that the page's policy can forbid eval.
(async () => {
  const { config, charts } = JSON.parse(document.getElementById("charts").textContent);
  const options = { actions: false, ast: true, config, defaultStyle: false, renderer: "svg", tooltip: false };
  const places = Object.keys(charts).map((id) => document.getElementById(id));
  const outcomes = await Promise.allSettled(places.map((place) => vegaEmbed(place, charts[place.id], options)));
  outcomes.forEach((outcome, i) => {
    const place = places[i];
    if (outcome.status === "rejected") {
      console.error(outcome.reason);
      place.textContent = "This chart could not be drawn; its numbers stand below.";
      return;
    }
    place.style.minHeight = "";
    // The figure's words say what the drawing shows; its marks one by one would only be noise.
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
  });
  document.documentElement.dataset.drawn = "true";
})();

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", async () => {
    const code = button.closest(".code").querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      // A page opened from a file may not write to the clipboard: the text is selected instead.
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
