// When scenes are drawn: at most once a frame, those in sight, roughly while a slow machine is busy and finely when it rests.

const REST_TIME = 200; // milliseconds without a change after which the fine picture is drawn
const SLOW_INTERVAL = 40; // milliseconds between frames from which a machine counts as slow
const QUICK_COST = 8; // milliseconds a picture may take on a machine that counts as quick
const FINEST_DENSITY = 2; // pixels of GL to one of the screen on a machine that is quick
const ROUGHEST_DENSITY = 0.75;

export class Loop {
  constructor(renderer) {
    this.renderer = renderer;
    this.waiting = new Set(); // views to draw in the next frame
    this.rough = new Set(); // views whose last picture was a rough one
    this.tickers = new Set(); // called each frame while they return true
    this.interval = 0; // milliseconds between frames that drew something, averaged
    this.cost = 0; // milliseconds of this thread a picture takes, averaged
    this.lastDraw = 0;
    this.frame = 0;
  }

  get quick() {
    return this.interval < SLOW_INTERVAL / 2 && this.cost < QUICK_COST;
  }

  redraw(view) {
    this.waiting.add(view);
    this.ask();
  }

  ask() {
    this.frame ||= requestAnimationFrame((time) => this.step(time));
  }

  step(time) {
    this.frame = 0;
    for (const ticker of this.tickers) if (!ticker(time)) this.tickers.delete(ticker);
    const drawn = this.drawWaiting(time);
    if (drawn) this.measure(time);
    if (this.tickers.size) this.ask();
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

  /** How long frames take, from those that follow one another; reading pixels back would stall some machines. */
  measure(time) {
    const gap = time - this.lastDraw;
    if (gap < REST_TIME) this.interval = 0.7 * this.interval + 0.3 * gap;
    this.lastDraw = time;
  }

  /** Draws what was drawn roughly once more: in full, and beyond it where that costs little. */
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
