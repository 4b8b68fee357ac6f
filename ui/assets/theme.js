// Sets data-theme before the first paint, so that no wrong colour flashes. The page writes the
// choice (system, light, dark, contrast) to storage and then sends "roadbook-theme".
(function () {
  var dark = matchMedia("(prefers-color-scheme: dark)");
  var contrast = matchMedia("(prefers-contrast: more)");
  function apply() {
    var choice = null;
    try { choice = localStorage.getItem("roadbook.theme"); } catch (_) { /* storage is off */ }
    if (choice !== "light" && choice !== "dark" && choice !== "contrast") {
      choice = contrast.matches ? "contrast" : dark.matches ? "dark" : "light";
    }
    document.documentElement.dataset.theme = choice;
  }
  apply();
  dark.addEventListener("change", apply);
  contrast.addEventListener("change", apply);
  addEventListener("roadbook-theme", apply);
})();
