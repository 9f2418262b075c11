// A figure over the whole screen, or over the whole window where the browser does not allow the screen.

/** Shows `figure` large, or puts it back. */
export function toggleFull(figure) {
  if (figure.classList.contains("full")) return leaveFull(figure);
  enter(figure);
  const asked = figure.requestFullscreen?.();
  asked?.catch(() => undefined); // then the figure fills the window only
  return undefined;
}

function enter(figure) {
  figure.classList.add("full");
  document.documentElement.classList.add("has-full");
  figure.querySelector("canvas")?.focus({ preventScroll: true });
}

function leaveFull(figure) {
  figure.classList.remove("full");
  document.documentElement.classList.remove("has-full");
  if (document.fullscreenElement) document.exitFullscreen().catch(() => undefined);
}

/** Puts the figure back when the reader presses Escape or leaves the full screen in the browser's way. */
export function watchFull() {
  const current = () => document.querySelector(".full");
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && current()) leaveFull(current());
  });
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement && current()) leaveFull(current());
  });
}
