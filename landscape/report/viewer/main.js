// The page's script: brings scenes, tables, players and downloads to life.
import { linkPanels } from "./address.js";
import { button, counts, element, surfaceMenu, surfaceNote, toggle, toggles } from "./controls.js";
import { watchContents } from "./contents.js";
import { listenCopy } from "./copying.js";
import { colourTable } from "./decode.js";
import { addSaving } from "./drawings.js";
import { watchWidth } from "./flow.js";
import { toggleFull, watchFull } from "./fullscreen.js";
import { Grid } from "./grid.js";
import { helpButton } from "./help.js";
import { iterationCourse } from "./iterations.js";
import { Kaleidoscope } from "./kaleidoscope.js";
import { Links } from "./links.js";
import { Loop } from "./loop.js";
import { readPalette, themeButton } from "./palette.js";
import { AnimationPlayer } from "./player.js";
import { controlCamera } from "./pointer.js";
import { watchReach } from "./reach.js";
import { Renderer } from "./renderer.js";
import { saveButton } from "./savemenu.js";
import { SceneView } from "./scene.js";
import { ScrubRow } from "./scrub.js";
import { listenDownload, SortableTable } from "./tables.js";

const LOAD_MARGIN = "400px"; // scenes so near to the window are loaded and drawn

/** All live scenes of the page, and what they share. */
class Page {
  constructor() {
    const texts = JSON.parse(document.getElementById("colour-tables").textContent);
    this.colourTables = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, colourTable(text)]));
    this.renderer = new Renderer(this.colourTables, () => this.redrawAll());
    this.loop = new Loop(this.renderer);
    this.palette = readPalette();
    this.linkAll = false;
    this.sweeps = []; // until the grids are made
    this.views = [...document.querySelectorAll("figure.scene")].map((figure) => new SceneView(figure, this));
    this.followCamera = this.followCamera.bind(this);
    for (const view of this.views) this.addControls(view);
    this.grids = [...document.querySelectorAll(".scene-grid")].map((grid) => new Grid(grid, this));
    this.sweeps = this.grids.map(({ sweep }) => sweep).filter(Boolean);
    this.watchVisibility();
    this.watchPrinting();
  }

  redraw(view) {
    this.loop.redraw(view);
  }
  redrawAll() {
    this.all.forEach((view) => this.loop.redraw(view));
  }
  /** All surfaces: the scenes, and the large surfaces of grids. */
  get all() {
    return [...this.views, ...this.sweeps];
  }

  /** Moves all cameras that are linked to that of `view`, and draws them. */
  followCamera(view) {
    for (const other of this.all) {
      if (other !== view && !this.linkAll && other.group !== view.group) continue;
      if (other !== view) other.camera.copy(view.camera);
      this.loop.redraw(other);
    }
  }

  /** The controls of a scene. What they change is changed in all `views`, of which it is the first. */
  addControls(view, views = [view]) {
    controlCamera(view, this.followCamera);
    const row = element("div", "row");
    const course = iterationCourse(views);
    const menu = surfaceMenu(views);
    if (menu) row.append(menu);
    row.append(...toggles(views), element("span", "space"), ...this.cameraButtons([view]));
    row.append(
      saveButton(view, () => [...(course ? [course] : []), ...(view.courses ?? [])]),
      button("full screen", "Show this surface large, and back (Escape)", () => toggleFull(view.figure)),
      helpButton(),
    );
    const controls = view.figure.querySelector(".controls");
    controls.append(row);
    if (course) {
      view.player = new ScrubRow(course, this.loop, views.length > 1);
      controls.append(view.player.element);
    }
    view.figure.append(surfaceNote(view), counts(view));
    if (view.figure.classList.contains("compact")) {
      const corner = element("div", "corner");
      corner.append(button("⤢", "Show this surface large, and back (Escape)", () => toggleFull(view.figure)));
      view.stage.append(corner);
    }
  }

  /** Buttons that move the camera of a view, and with it the cameras linked to it. */
  cameraButtons([view]) {
    const act = (name) => () => {
      view.camera[name]();
      this.followCamera(view);
    };
    return [button("top", "View from above", act("lookDown")), button("reset", "The first view again (double-click)", act("reset"))];
  }

  /** Loads and draws scenes when they come near to the window, and draws them when their size changes. */
  watchVisibility() {
    const byElement = new Map(this.all.flatMap((view) => [[view.figure, view], [view.stage, view]]));
    const near = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const view = byElement.get(target);
          view.near = isIntersecting;
          this.show(view);
        }
      },
      { rootMargin: LOAD_MARGIN },
    );
    const sizes = new ResizeObserver((entries) => {
      for (const { target } of entries) this.loop.redraw(byElement.get(target));
    });
    for (const view of this.all) {
      near.observe(view.figure);
      sizes.observe(view.stage);
    }
  }

  /** Loads and draws a view that is near to the window and not asleep. */
  show(view) {
    view.visible = view.near && !view.asleep;
    if (!view.visible) return;
    view.load();
    this.loop.redraw(view);
  }

  /** Draws live scenes in light colours before printing, because paper is white. */
  watchPrinting() {
    addEventListener("beforeprint", () => {
      const light = readPalette("light");
      for (const view of this.all) if (view.draws && !view.asleep) view.draw(2, false, light);
    });
    addEventListener("afterprint", () => this.redrawAll());
  }

  /** Draws everything again after the page's colours have changed. */
  repaint() {
    this.palette = readPalette();
    this.redrawAll();
  }
}

/** The live scenes, or null if the browser cannot draw them; the page then keeps its posters. */
function liveScenes() {
  if (!document.querySelector("figure.scene") || !("DecompressionStream" in globalThis)) return null;
  try {
    return new Page();
  } catch {
    return null;
  }
}

/** The kaleidoscopes. They are loaded when they come near to the window, and stop playing out of sight. */
function kaleidoscopes() {
  if (!("DecompressionStream" in globalThis && "OffscreenCanvas" in globalThis)) return [];
  const views = [...document.querySelectorAll("figure.kaleidoscope")].map((figure) => new Kaleidoscope(figure));
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const view = views.find(({ figure }) => figure === target);
        if (isIntersecting) view.load();
        else view.bar.stop();
      }
    },
    { rootMargin: LOAD_MARGIN },
  );
  views.forEach((view) => near.observe(view.figure));
  return views;
}

/** In a notebook's frame the page is an attribute, and "#id" would lead to the notebook: such links scroll within the page. */
function keepLinksInFrame() {
  if (document.URL !== "about:srcdoc") return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link) return;
    event.preventDefault();
    document.getElementById(link.getAttribute("href").slice(1))?.scrollIntoView();
  });
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
      if (on) page.followCamera(page.views.find((view) => view.draws) ?? page.views[0]);
    }));
  const grids = kaleidoscopes();
  controls.append(
    themeButton(() => {
      page?.repaint();
      grids.forEach((grid) => grid.repaint());
    }),
  );
  const tables = [...document.querySelectorAll("table.data")].filter((table) => table.dataset.payload).map((table) => new SortableTable(table));
  const figures = [...document.querySelectorAll("figure.drawing")];
  figures.forEach(addSaving);
  new Links(figures, tables);
  figures.forEach(watchWidth);
  document.querySelectorAll("button.download").forEach(listenDownload);
  document.querySelectorAll("button.copy").forEach(listenCopy);
  document.querySelectorAll("figure.player").forEach((figure) => new AnimationPlayer(figure));
  linkPanels(page, grids);
  watchReach(document.querySelectorAll(".paper, .prose, pre"));
  watchFull();
  watchContents();
  keepLinksInFrame();
  globalThis.landscape = {
    views: page?.views ?? [],
    sweeps: page?.sweeps ?? [],
    kaleidoscopes: grids,
    lose: () => page.renderer.loseContext.loseContext(),
    restore: () => page.renderer.loseContext.restoreContext(),
  };
}

start();
