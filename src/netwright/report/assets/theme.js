// Before the first paint: the theme that was chosen here last, else the system's.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("netwright-theme"); } catch { /* a file may have no storage */ }
  const root = document.documentElement;
  const show = (theme) => {
    root.dataset.theme = theme;
    document.getElementById("theme")?.setAttribute("aria-pressed", String(theme === "dark"));
  };
  show(chosen ?? (dark.matches ? "dark" : "light"));
  dark.addEventListener("change", () => { if (chosen === null) show(dark.matches ? "dark" : "light"); });
  addEventListener("DOMContentLoaded", () => {
    show(root.dataset.theme);
    document.getElementById("theme").addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("netwright-theme", chosen); } catch { /* as above */ }
      show(chosen);
    });
  });
})();
