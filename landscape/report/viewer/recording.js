// A film of a scene: its iterations, its time, a way along the grid, or a turn; as an animated WebP or as a video.
import { paintPicture, PICTURE_SIZE } from "./export.js";
import { putTogether } from "./webp.js";

const FILM_RATE = 12; // frames per second
const MOST_FRAMES = 144;
const TURN_TIME = 6; // seconds of a turn
const WEBP_QUALITY = 0.85;
const VIDEO_TYPES = ["video/mp4", "video/webm"];

/** A full turn of the camera as a course; see ScrubRow. */
export function turnCourse(view) {
  const from = view.camera.azimuth;
  return {
    name: "a turn",
    last: 1,
    rate: 1 / TURN_TIME,
    at: () => (view.camera.azimuth - from) / (2 * Math.PI),
    set(share) {
      view.camera.azimuth = from + 2 * Math.PI * share;
      view.page.redraw(view);
    },
  };
}

/** The type of videos that the browser can record, "" if none. */
export function videoType() {
  return VIDEO_TYPES.find((type) => globalThis.MediaRecorder?.isTypeSupported(type)) ?? "";
}

/** The film of a course as an animated WebP; null if the browser cannot write WebP. `tell(share)` is called after each frame. */
export async function recordWebp(view, course, tell) {
  const files = [];
  for await (const canvas of framesOf(view, course, tell)) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/webp", WEBP_QUALITY));
    if (blob?.type !== "image/webp") return null;
    files.push(new Uint8Array(await blob.arrayBuffer()));
  }
  return new Blob([putTogether(files, ...PICTURE_SIZE, Math.round(1000 / FILM_RATE))], { type: "image/webp" });
}

/** The film of a course as a video of `type`. It takes as long as it plays, because browsers record in real time. */
export async function recordVideo(view, course, type, tell) {
  const stage = document.createElement("canvas");
  paintPicture(view, stage, 1);
  const stream = stage.captureStream(0);
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 6e6 });
  const parts = [];
  recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done));
  recorder.start();
  for await (const canvas of framesOf(view, course, tell)) {
    stage.getContext("2d").setTransform(1, 0, 0, 1, 0, 0);
    stage.getContext("2d").drawImage(canvas, 0, 0);
    stream.getVideoTracks()[0].requestFrame();
    await new Promise((done) => setTimeout(done, 1000 / FILM_RATE));
  }
  recorder.stop();
  await stopped;
  return new Blob(parts, { type });
}

/** A canvas with each frame in turn, from the beginning of the course to its end; the view then is where it was. */
async function* framesOf(view, course, tell) {
  const canvas = document.createElement("canvas");
  const count = Math.min(MOST_FRAMES, Math.ceil((course.last / course.rate) * FILM_RATE) + 1);
  const before = course.at();
  try {
    for (let frame = 0; frame < count; frame++) {
      await course.set((course.last * frame) / (count - 1));
      paintPicture(view, canvas, 1);
      yield canvas;
      tell((frame + 1) / count);
    }
  } finally {
    await course.set(before);
  }
}
