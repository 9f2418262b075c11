// A grid of scenes: all side by side, or one large surface with a slider along each axis and thumbnails below.
import { button, element, sameSurfaces, surfaceMenu, toggle, toggles } from "./controls.js";
import { helpButton } from "./help.js";
import { iterationCourse } from "./iterations.js";
import { KEY_WORDS } from "./keys.js";
import { ScrubRow } from "./scrub.js";
import { sweepCourse, SweepView } from "./sweep.js";

const FEWEST_SWEPT = 3; // scenes from which a grid opens as one large surface
const MOST_LIVE = 12; // thumbnails that turn with the large surface; more stay still pictures

export class Grid {
  /** `page` has the loop and the views, `cameraButtons(views)` and `addControls(view, views)`. */
  constructor(element_, page) {
    Object.assign(this, { element: element_, page });
    this.views = page.views.filter((view) => view.group === element_.id);
    if (!this.views.length) return;
    element_.querySelector(".cells").style.setProperty("--columns", element_.querySelectorAll(".heading.column").length);
    this.addControls();
    if (this.views.length < 2) return;
    this.sweep = this.makeSweep();
    this.addThumbnails();
    this.addModes();
    this.show(this.views.length >= FEWEST_SWEPT && !element_.closest(".hero"));
  }

  /** The controls of all scenes, while they stand side by side. */
  addControls() {
    const { views, page } = this;
    const row = element("div", "row");
    if (sameSurfaces(views)) {
      const menu = surfaceMenu(views);
      if (menu) row.append(menu, toggle("same surface everywhere", true, (same) => this.linkSurfaces(menu, same)));
    } else this.element.classList.add("own-surfaces");
    row.append(...toggles(views), element("span", "space"), ...page.cameraButtons(views.slice(0, 1)), helpButton());
    const host = this.element.querySelector(".group-controls");
    host.append(row);
    const course = iterationCourse(views);
    if (course) host.append(new ScrubRow(course, page.loop).element);
  }

  /** All scenes show the surface chosen in `menu` if `same`; else each has a menu. */
  linkSurfaces(menu, same) {
    this.element.classList.toggle("own-surfaces", !same);
    menu.hidden = !same;
    if (same) this.views.forEach((view) => view.choose(Number(menu.value)));
  }

  /** The large surface, above the scenes. */
  makeSweep() {
    const { page } = this;
    const figure = element("figure", "sweep card");
    const caption = element("figcaption");
    const [title, note] = [element("b"), element("span", "note")];
    caption.append(title, note);
    figure.append(caption, element("div", "stage"), element("div", "controls"));
    figure.tabIndex = -1;
    this.element.querySelector(".scroll").before(figure);
    const sweep = new SweepView(figure, page, this.cells());
    const show = () => {
      title.textContent = sweep.words;
      note.textContent = sweep.between ? "" : sweep.scene.note;
      sweep.canvas.setAttribute("aria-label", `${sweep.words}: ${sweep.scene.labels[2]} over ${sweep.scene.labels[0]} and ${sweep.scene.labels[1]}. ${KEY_WORDS}`);
    };
    sweep.listeners.push(show);
    show();
    sweep.courses = [0, 1].map((axis) => sweepCourse(sweep, axis)).filter(Boolean);
    figure.querySelector(".controls").append(...sweep.courses.map((course) => new ScrubRow(course, page.loop, true).element));
    page.addControls(sweep, [sweep, ...this.views]);
    return sweep;
  }

  /** The scenes by row and column, and the names of both. */
  cells() {
    const texts = (selector) => [...this.element.querySelectorAll(selector)].map((heading) => heading.textContent.trim());
    const [rows, columns] = [texts(".heading.row"), texts(".heading.column")];
    const children = [...this.element.querySelector(".cells").children].slice(columns.length + 1);
    const at = (row, column) => this.views.find(({ figure }) => figure === children[row * (columns.length + 1) + column + 1]) ?? null;
    return { rows, columns, cells: rows.map((_, row) => columns.map((__, column) => at(row, column))) };
  }

  /** Over each scene a button that moves the large surface there. */
  addThumbnails() {
    const { sweep } = this;
    sweep.cells.forEach((line, row) =>
      line.forEach((view, column) => {
        if (!view) return;
        const thumbnail = button("", `Show ${sweep.nameOf([row, column])} large`, () => sweep.goTo([row, column]));
        thumbnail.className = "thumbnail";
        thumbnail.setAttribute("aria-label", thumbnail.title);
        view.stage.append(thumbnail);
        sweep.listeners.push(() => thumbnail.setAttribute("aria-pressed", String(sweep.cell === view && !sweep.between)));
      }),
    );
    sweep.notify();
  }

  /** The choice between one large surface and all side by side. */
  addModes() {
    const choice = element("div", "modes");
    choice.setAttribute("role", "group");
    choice.setAttribute("aria-label", "how the surfaces are shown");
    this.modes = [
      button("one surface", "One large surface that moves along the grid", () => this.show(true)),
      button("side by side", "All surfaces, to turn and compare", () => this.show(false)),
    ];
    choice.append(...this.modes);
    this.element.prepend(choice);
  }

  /** Shows one large surface, or all side by side. */
  show(swept) {
    this.swept = swept;
    this.element.classList.toggle("swept", swept);
    this.modes.forEach((mode, index) => mode.setAttribute("aria-pressed", String(swept === (index === 0))));
    const still = swept && this.views.length > MOST_LIVE;
    this.element.classList.toggle("still-thumbnails", still);
    for (const view of this.views) {
      view.asleep = still;
      view.thumbnail = swept;
      if (still) view.stage.classList.remove("live");
      view.canvas.tabIndex = swept ? -1 : 0;
      if (view.near) this.page.show(view);
    }
    if (this.sweep.near) this.page.show(this.sweep);
  }
}
