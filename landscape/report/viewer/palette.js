// The page's colours as canvases need them, and the switch between light and dark.

const COLOUR_NAMES = ["stage", "ink", "muted", "wall", "wall-line", "tick", "moving", "arrived", "marker", "rim", "accent"];
const THEME_KEY = "landscape-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

/** The colours now in use, by their CSS names; `scheme` asks for those of light or dark. */
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

/** rgb(1, 2, 3) as three shares of one. */
export function shares(colour) {
  return colour.match(/[\d.]+/g).slice(0, 3).map((part) => Number(part) / 255);
}

/** A button that changes between light and dark, and remembers it where the browser lets a file remember. */
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
      // a browser that forbids storage forgets the choice
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
