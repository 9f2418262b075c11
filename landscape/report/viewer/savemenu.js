// The list of what a scene can be saved as.
import { button, element } from "./controls.js";
import { paintPicture, titleOf } from "./export.js";
import { recordVideo, recordWebp, turnCourse, videoType } from "./recording.js";
import { fileName, saveFile } from "./saving.js";

const SCALES = [2, 3, 4]; // of pictures

/** A button that opens the list. `courses()` are what a film of the scene can follow besides a turn. */
export function saveButton(view, courses) {
  let list = null;
  return button("save", "Save a picture or a film of this surface", () => {
    list ??= makeList(view, courses());
    list.showPopover?.();
  });
}

function makeList(view, courses) {
  const list = element("div", "pop save");
  list.popover = "auto";
  const said = element("p", "fine");
  said.setAttribute("role", "status");
  const pictures = SCALES.map((scale) => button(`PNG ${scale}×`, `Save a picture of ${scale} times the size`, () => savePicture(view, scale)));
  list.append(element("b", "", "Save this surface"), row("Picture", pictures));
  for (const course of [...courses, null]) {
    const name = course?.name ?? "turn";
    const save = (type, record) => saveFilm(view, course ?? turnCourse(view), said, type, record);
    const kinds = [button("WebP", `Save a film as an animated WebP: ${name}`, () => save("image/webp", recordWebp))];
    const video = videoType();
    const ending = video.split("/")[1];
    const record = (filmed, along, tell) => recordVideo(filmed, along, video, tell);
    if (video) kinds.push(button(ending.toUpperCase(), `Save a film as a video: ${name}`, () => save(video, record)));
    list.append(row(`Film: ${name}`, kinds));
  }
  list.append(said);
  view.figure.append(list); // within the figure, so that it shows on a full screen, too
  return list;
}

function row(name, buttons) {
  const made = element("div", "row");
  made.append(element("span", "", name), element("span", "space"), ...buttons);
  for (const one of buttons) one.setAttribute("aria-label", `${one.textContent}: ${one.title}`); // several have the same text
  return made;
}

/** Saves what is shown as a PNG of `scale` times the size. */
function savePicture(view, scale) {
  const canvas = document.createElement("canvas");
  if (!paintPicture(view, canvas, scale)) return;
  view.page.renderer.trim();
  canvas.toBlob((blob) => saveFile(blob, `${fileName(titleOf(view), "surface")}.png`), "image/png");
}

/** Records a film and saves it; `said` tells how far it is. Only one film is recorded at a time. */
async function saveFilm(view, course, said, type, record) {
  if (view.page.recording) return;
  view.page.recording = true;
  const name = `${fileName(titleOf(view), "surface")}-${fileName(course.name, "film")}.${type.split("/")[1]}`;
  try {
    const film = await record(view, course, (share) => (said.textContent = `Recording: ${Math.round(100 * share)} %`));
    if (film) saveFile(film, name);
    said.textContent = film ? `Saved ${name}` : "This browser cannot write this kind of film.";
  } finally {
    view.page.recording = false;
    view.page.redraw(view);
  }
}
