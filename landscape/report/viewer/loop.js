// When scenes are drawn: at most once a frame, and only those in sight. While the picture changes, a slow machine draws it
// roughly; once nothing changes, it is drawn finely.

const REST_TIME = 200; // milliseconds without a change after which the fine picture is drawn
const SLOW_INTERVAL = 40; // milliseconds between frames above which a machine counts as slow
const QUICK_COST = 8; // milliseconds for a picture below which a machine may count as quick
// Pixels of GL for each CSS pixel, along a side:
const FINEST_DENSITY = 2; // at least, at rest on a quick machine
const ROUGHEST_DENSITY = 0.75; // at most, during changes on a slow machine

export class Loop {
  constructor(renderer) {
    this.renderer = renderer;
    this.waiting = new Set(); // views to draw in the next frame
    this.rough = new Set(); // views to draw more finely at rest
    this.tickers = new Set(); // functions to call at each frame while they return true
    this.interval = 0; // milliseconds between frames in which something was drawn, averaged
    this.cost = 0; // milliseconds that drawing a picture takes in this thread, averaged
    this.lastDraw = 0;
    this.frame = 0;
  }

  get quick() {
    return this.interval < SLOW_INTERVAL / 2 && this.cost < QUICK_COST;
  }

  /** Draws `view` in the next frame. */
  redraw(view) {
    this.waiting.add(view);
    this.requestFrame();
  }

  requestFrame() {
    this.frame ||= requestAnimationFrame((time) => this.step(time));
  }

  step(time) {
    this.frame = 0;
    for (const ticker of this.tickers) if (!ticker(time)) this.tickers.delete(ticker);
    const drawn = this.drawWaiting(time);
    if (drawn) this.measure(time);
    if (this.tickers.size) this.requestFrame();
  }

  drawWaiting(time) {
    const density = Math.min(3, devicePixelRatio || 1);
    const busy = time - this.lastDraw < REST_TIME;
    const slow = busy && this.interval > SLOW_INTERVAL;
    let drawn = 0;
    for (const view of [...this.waiting]) {
      const before = performance.now();
      if (!view.visible || !view.draw(slow ? Math.min(density, ROUGHEST_DENSITY) : density, slow)) continue;
      this.cost = 0.7 * this.cost + 0.3 * (performance.now() - before);
      this.waiting.delete(view);
      if (slow || this.quick) this.rough.add(view);
      drawn += 1;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refine(), REST_TIME);
    return drawn;
  }

  /** Measures the time between frames that follow each other. To read pixels back instead would stall some machines. */
  measure(time) {
    const gap = time - this.lastDraw;
    if (gap < REST_TIME) this.interval = 0.7 * this.interval + 0.3 * gap;
    this.lastDraw = time;
  }

  /** Draws rough views again: at the screen's density, or more finely on a quick machine. */
  refine() {
    if (this.tickers.size) return;
    const density = Math.min(3, devicePixelRatio || 1);
    const scale = this.quick ? Math.max(density, FINEST_DENSITY) : density;
    for (const view of [...this.rough]) {
      this.rough.delete(view);
      if (view.visible && !view.draw(scale, false)) this.waiting.add(view);
    }
  }
}
