// What a scene can play: the iterations of its samples, or its film.
const ITERATIONS_PER_SECOND = 1.6;
const FRAMES_PER_SECOND = 2.5; // of a film

/** The iterations or films of all `views` as a course for a ScrubRow; null if none of them plays. */
export function iterationCourse(views) {
  const moving = views.filter((view) => view.plays);
  if (!moving.length) return null;
  const [first] = moving;
  const last = Math.max(...moving.map((view) => view.lastIteration));
  const { film } = first.scene; // the word for time, "" for iterations
  return {
    views: moving,
    name: film || "iteration",
    words: film ? `Play the film over ${film}s` : "Play the iterations",
    last,
    rate: film ? FRAMES_PER_SECOND : ITERATIONS_PER_SECOND,
    at: () => first.iteration,
    set(iteration) {
      return Promise.all(
        moving.map((view) => {
          view.reveal();
          return view.setIteration(Math.min(iteration, view.lastIteration));
        }),
      );
    },
    describe() {
      const now = Math.round(first.iteration);
      return film ? `${film} ${first.scene.surfaces[now].label}` : `iteration ${now} of ${last}`;
    },
  };
}
