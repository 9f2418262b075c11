// A live surface: what it shows, its camera, and how it is drawn onto its canvas.
import { frameOf } from "./axes.js";
import { boxDepth, Camera, View } from "./camera.js";
import { inflate, unpackPlane, unpackSteps } from "./decode.js";
import { dotsOf, pathsOf } from "./dots.js";
import { fixedAt, Frames } from "./film.js";
import { layoutFor, thumbnailLayout } from "./layout.js";
import { Orbits } from "./orbits.js";
import { measurer, paintBar, paintBefore, paintBehind, paintTallies } from "./paint.js";
import { rgbFractions } from "./palette.js";
import { Sheet } from "./sheet.js";
import { clamp } from "./vectors.js";

export class SceneView {
  /** `page` has the renderer, the palette, the colour tables and redraw(view). */
  constructor(figure, page, scene = JSON.parse(figure.querySelector("script").textContent)) {
    Object.assign(this, { figure, page, scene });
    this.group = figure.closest(".scene-grid")?.id || figure.id;
    const still = figure.querySelector(".still");
    this.hasBar = still?.classList.contains("with-bar") ?? true;
    this.stage = figure.querySelector(".stage");
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", still?.getAttribute("aria-label") ?? scene.title);
    this.context = this.canvas.getContext("2d");
    this.stage.append(this.canvas);
    this.camera = new Camera(this.scene.camera);
    this.depth = boxDepth(this.scene.extent);
    this.shown = { contours: true, markers: true, fixed: true, samples: this.scene.opensAt !== null, paths: false };
    this.surface = this.scene.film ? this.scene.surfaces.length - 1 : 0;
    this.iteration = this.scene.film ? this.surface : Math.min(this.scene.opensAt ?? 0, this.lastIteration); // of a film: among its frames
    this.unplayed = !this.shown.samples; // samples are hidden until the reader plays
    this.frames = null; // of a film: its sheets, once they are unpacked
    this.thumbnail = false; // whether it is drawn small, without labels
    this.between = false; // whether the surface is interpolated between two networks
    this.loaded = new Map(); // surface → promise of { sheet, orbits }
    this.uploaded = null;
    this.visible = false;
    this.draws = 0; // how often it has been drawn
    this.afterDraws = []; // functions to call after each drawing
    this.listeners = []; // functions to call when controls may be out of date
  }

  get hasOrbits() {
    return this.scene.surfaces.some((surface) => surface.orbits);
  }
  /** Whether there is something to play: samples that move, or a film. */
  get plays() {
    return this.hasOrbits || Boolean(this.scene.film);
  }
  get lastIteration() {
    if (this.scene.film) return this.scene.surfaces.length - 1;
    return Math.max(0, ...this.scene.surfaces.map((surface) => (surface.orbits?.steps ?? 1) - 1));
  }

  /** Shows the chosen surface, or the film, as soon as it is unpacked. */
  async load() {
    if (this.scene.film) {
      this.frames = await this.unpackedFilm();
      return this.setIteration(this.iteration);
    }
    const wanted = this.surface;
    const { sheet, orbits } = await this.unpacked(wanted);
    if (wanted !== this.surface || sheet === this.sheet) return undefined;
    this.page.renderer.release(this.uploaded);
    Object.assign(this, { sheet, orbits, uploaded: null });
    return this.changed();
  }

  /** A promise of the sheet and the orbits of a surface, which is unpacked once. */
  unpacked(surface) {
    if (!this.loaded.has(surface)) this.loaded.set(surface, this.unpack(this.scene.surfaces[surface]));
    return this.loaded.get(surface);
  }

  /** A promise of the frames of a film. */
  unpackedFilm() {
    this.loadingFilm ??= Promise.all(this.scene.surfaces.map((surface) => this.unpack(surface))).then(
      (frames) => new Frames(frames.map(({ sheet }) => sheet)),
    );
    return this.loadingFilm;
  }

  async unpack({ heights, orbits }) {
    const { columns, rows, top, extent } = this.scene;
    const sheet = new Sheet(unpackPlane(await inflate(heights), columns), columns, rows, top, this.depth);
    if (!orbits) return { sheet, orbits: null };
    const codes = unpackSteps(await inflate(orbits.places), 2 * orbits.samples);
    return { sheet, orbits: new Orbits(codes, orbits.steps, orbits.samples, extent) };
  }

  choose(surface) {
    this.surface = Math.min(surface, this.scene.surfaces.length - 1);
    this.load();
    this.notify();
  }
  /** Shows the samples when the reader first plays; later the reader's own choice stands. */
  reveal() {
    if (this.unplayed) this.shown.samples = true;
    this.unplayed = false;
  }
  setIteration(iteration) {
    this.iteration = iteration;
    if (this.scene.film) this.surface = Math.round(iteration);
    if (this.frames) this.morph();
    this.changed();
  }
  /** Shows the sheet of the film's position. */
  morph() {
    this.showSheet(this.frames.at(this.iteration), !this.frames.hasGaps && !Number.isInteger(this.iteration));
  }
  /** Shows a sheet. With `keeps` it takes the place of the one before and keeps its triangles, if it has the same grid. */
  showSheet(sheet, keeps) {
    const { renderer } = this.page;
    this.sheet = sheet;
    if (keeps && renderer.refresh(this.uploaded, sheet)) return;
    renderer.release(this.uploaded);
    this.uploaded = null;
  }
  /** The fixed points that are shown now, as [x, y, whether it attracts]. */
  get fixed() {
    const { film, surfaces } = this.scene;
    return fixedAt(film ? surfaces : [surfaces[this.surface]], film ? this.iteration : 0);
  }
  setShown(name, value) {
    this.shown[name] = value;
    this.changed();
  }

  /** Draws the picture and updates the controls, after something has changed. */
  changed() {
    this.page.redraw(this);
    this.notify();
  }
  notify() {
    for (const listener of this.listeners) listener();
  }

  /** Draws the scene with `scale` pixels of GL for each CSS pixel along a side; false if it cannot be drawn now. */
  draw(scale, coarse, palette = this.page.palette) {
    const { clientWidth: width, clientHeight: height } = this.stage;
    const { canvas, context } = this;
    if (!this.sheet || !width || !height || this.page.renderer.lost) return false;
    const ratio = clamp(devicePixelRatio || 1, 1, 3);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const bar = this.hasBar || this.figure.classList.contains("full");
    this.paint(context, { width, height, bar, scale, coarse, palette });
    this.draws += 1;
    this.stage.classList.add("live");
    for (const act of this.afterDraws) act();
    return true;
  }

  /** Paints the scene onto a context: the walls, then the renderer's picture, then labels and the colour bar. */
  paint(context, { width, height, bar, scale, coarse, palette }) {
    const { renderer, colourTables } = this.page;
    const { scene } = this;
    if (!renderer.isCurrent(this.uploaded)) this.uploaded = renderer.upload(this.sheet);
    const layout = this.thumbnail ? thumbnailLayout() : layoutFor(width, bar);
    this.dotScale = layout.dots;
    this.colours = { moving: rgbFractions(palette.moving), arrived: rgbFractions(palette.arrived), marker: rgbFractions(palette.marker) };
    this.view = new View(this.camera, width, height, layout.margins, this.depth);
    const { values, counts, tallies } = dotsOf(this);
    this.counts = counts;
    const contours = this.shown.contours ? scene.contours : null;
    const look = { colours: scene.colours, contours, dots: values, paths: pathsOf(this), rim: rgbFractions(palette.rim) };
    const [glWidth, glHeight] = renderer.draw(this.uploaded, this.view, look, scale, coarse);
    context.imageSmoothingQuality = "high";
    context.fillStyle = palette.stage;
    context.fillRect(0, 0, width, height);
    const frame = frameOf(scene, this.view, layout.font, layout.ticks, measurer(context, layout.font));
    paintBehind(context, frame, palette);
    context.drawImage(renderer.canvas, 0, renderer.canvas.height - glHeight, glWidth, glHeight, 0, 0, width, height);
    if (this.thumbnail) return;
    paintBefore(context, frame, palette, layout.font);
    paintTallies(context, tallies, this.view, palette, layout.font);
    if (bar) paintBar(context, scene, colourTables[scene.colours], palette, layout, width, height);
  }
}
