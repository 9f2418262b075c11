// The page's colours for drawing on canvases, and the switch between a light and a dark page.

const COLOUR_NAMES = ["stage", "ink", "muted", "wall", "wall-line", "tick", "moving", "arrived", "marker", "rim", "accent"];
const THEME_KEY = "landscape-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The page's colours by their CSS names; `scheme` "light" or "dark" asks for those of that scheme. */
export function readPalette(scheme = "") {
  const probe = document.createElement("span");
  probe.style.colorScheme = scheme;
  document.body.append(probe);
  const palette = {};
  for (const name of COLOUR_NAMES) {
    probe.style.color = `var(--${name})`;
    palette[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return palette;
}

/** The text rgb(1, 2, 3) as three numbers in 0…1. */
export function rgbFractions(colour) {
  return colour.match(/[\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
}

/** A button that switches between a light and a dark page. The choice is remembered if the browser lets a file store it. */
export function themeButton(onChange) {
  const root = document.documentElement;
  const button = document.createElement("button");
  button.type = "button";
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const show = () => {
    button.textContent = isDark() ? "light page" : "dark page";
    onChange();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(THEME_KEY, root.dataset.theme);
    } catch {
      // the browser forbids storage: the choice is lost when the page is closed
    }
    show();
  });
  dark.addEventListener("change", show);
  try {
    const kept = localStorage.getItem(THEME_KEY);
    if (kept) root.dataset.theme = kept;
  } catch {
    // as above
  }
  show();
  return button;
}
