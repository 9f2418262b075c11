// The page's script: brings scenes, tables, players and downloads to life.
import { button, counts, element, iterations, sameSurfaces, savePicture, surfaceMenu, surfaceNote, toggle, toggles } from "./controls.js";
import { colourTable } from "./decode.js";
import { toggleFull, watchFull } from "./fullscreen.js";
import { Kaleidoscope } from "./kaleidoscope.js";
import { Loop } from "./loop.js";
import { readPalette, themeButton } from "./palette.js";
import { startPlayer } from "./player.js";
import { listen } from "./pointer.js";
import { Renderer } from "./renderer.js";
import { SceneView } from "./scene.js";
import { listenDownload, SortableTable } from "./tables.js";

const LOAD_MARGIN = "400px"; // scenes so near to the window are unpacked and drawn

/** All live scenes of the page, and what they share. */
class Page {
  constructor() {
    const texts = JSON.parse(document.getElementById("colour-tables").textContent);
    this.colourTables = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, colourTable(text)]));
    this.renderer = new Renderer(this.colourTables, () => this.redrawAll());
    this.loop = new Loop(this.renderer);
    this.palette = readPalette();
    this.linkAll = false;
    this.views = [...document.querySelectorAll("figure.scene")].map((figure) => new SceneView(figure, this));
    this.turned = this.turned.bind(this);
    for (const view of this.views) this.dress(view);
    for (const grid of document.querySelectorAll(".scene-grid")) this.dressGrid(grid);
    this.watch();
  }

  redraw(view) {
    this.loop.redraw(view);
  }
  redrawAll() {
    this.views.forEach((view) => this.loop.redraw(view));
  }

  /** A camera moved: those linked to it follow. */
  turned(view) {
    for (const other of this.views) {
      if (other !== view && !this.linkAll && other.group !== view.group) continue;
      if (other !== view) other.camera.copy(view.camera);
      this.loop.redraw(other);
    }
  }

  /** The controls of one scene. */
  dress(view) {
    listen(view, this.turned);
    const row = element("div", "row");
    const menu = surfaceMenu([view]);
    if (menu) row.append(menu);
    row.append(...toggles([view]), element("span", "space"), ...this.cameraButtons([view]));
    row.append(
      button("PNG", "Save this picture", () => savePicture(view)),
      button("full screen", "Show this surface large, and back (Escape)", () => toggleFull(view.figure)),
    );
    const controls = view.figure.querySelector(".controls");
    controls.append(row);
    const slider = iterations([view], this.loop);
    if (slider) controls.append(slider);
    view.figure.append(surfaceNote(view), counts(view));
    if (view.figure.classList.contains("compact")) {
      const corner = element("div", "corner");
      corner.append(button("⤢", "Show this surface large, and back (Escape)", () => toggleFull(view.figure)));
      view.stage.append(corner);
    }
  }

  /** The controls of a whole grid. */
  dressGrid(grid) {
    const views = this.views.filter((view) => view.group === grid.id);
    if (!views.length) return;
    const row = element("div", "row");
    if (sameSurfaces(views)) {
      const menu = surfaceMenu(views);
      if (menu) row.append(menu, toggle("same surface everywhere", true, (same) => this.linkSurfaces(grid, views, menu, same)));
    } else grid.classList.add("own-surfaces");
    row.append(...toggles(views), element("span", "space"), ...this.cameraButtons(views.slice(0, 1)));
    const host = grid.querySelector(".group-controls");
    host.append(row);
    const slider = iterations(views, this.loop);
    if (slider) host.append(slider);
  }

  linkSurfaces(grid, views, menu, same) {
    grid.classList.toggle("own-surfaces", !same);
    menu.hidden = !same;
    if (same) views.forEach((view) => view.choose(Number(menu.value)));
  }

  /** Buttons that act on the first of `views`; those linked follow. */
  cameraButtons([view]) {
    const act = (name) => () => {
      view.camera[name]();
      this.turned(view);
    };
    return [button("top", "View from above", act("lookDown")), button("reset", "The first view again (double-click)", act("reset"))];
  }

  watch() {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const view = this.views.find((one) => one.figure === target);
          view.visible = isIntersecting;
          if (!isIntersecting) continue;
          view.load();
          this.loop.redraw(view);
        }
      },
      { rootMargin: LOAD_MARGIN },
    );
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) this.loop.redraw(this.views.find((view) => view.stage === target));
    });
    for (const view of this.views) {
      near.observe(view.figure);
      sizes.observe(view.stage);
    }
    // Paper is white: live scenes are drawn in light colours before printing.
    addEventListener("beforeprint", () => {
      const light = readPalette("light");
      for (const view of this.views) if (view.draws) view.draw(2, false, light);
    });
    addEventListener("afterprint", () => this.redrawAll());
  }

  repaint() {
    this.palette = readPalette();
    this.redrawAll();
  }
}

/** The scenes, or null where the browser cannot draw them; the page then keeps its posters. */
function liveScenes() {
  if (!document.querySelector("figure.scene") || !("DecompressionStream" in globalThis)) return null;
  try {
    return new Page();
  } catch {
    return null;
  }
}

/** The kaleidoscopes, unpacked as the reader comes near; those out of sight stand still. */
function kaleidoscopes() {
  if (!("DecompressionStream" in globalThis && "OffscreenCanvas" in globalThis)) return [];
  const views = [...document.querySelectorAll("figure.kaleidoscope")].map((figure) => new Kaleidoscope(figure));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const view = views.find((one) => one.figure === target);
        if (isIntersecting) view.load();
        else view.bar.stop();
      }
    },
    { rootMargin: LOAD_MARGIN },
  );
  views.forEach((view) => near.observe(view.figure));
  return views;
}

function start() {
  const root = document.documentElement;
  root.classList.add("has-script");
  const page = liveScenes();
  root.classList.add(page ? "live-scenes" : "still-scenes");
  const controls = document.querySelector(".page-controls");
  if (page?.views.length > 1)
    controls.append(toggle("link cameras", false, (on) => {
      page.linkAll = on;
      if (on) page.turned(page.views.find((view) => view.draws) ?? page.views[0]);
    }));
  const grids = kaleidoscopes();
  controls.append(
    themeButton(() => {
      page?.repaint();
      grids.forEach((grid) => grid.repaint());
    }),
  );
  document.querySelectorAll("table.data").forEach((table) => table.dataset.payload && new SortableTable(table));
  document.querySelectorAll("button.download").forEach(listenDownload);
  document.querySelectorAll("figure.player").forEach(startPlayer);
  watchFull();
  globalThis.landscape = {
    views: page?.views ?? [],
    kaleidoscopes: grids,
    lose: () => page.renderer.loseContext.loseContext(),
    restore: () => page.renderer.loseContext.restoreContext(),
  };
}

start();
