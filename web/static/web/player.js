const WORKING_FPS = 24; // of every working video
const SPEEDS = /** @type {const} */ ([0.25, 0.5, 1, 2, 4]);

/**
 * @typedef {object} Stage
 * @property {number} stride
 * @property {number} count Annotated frames.
 * @property {() => number} frame The frame index that is shown.
 * @property {(frameIndex: number) => void} show
 * @property {(frameIndex: number) => boolean} isReady Whether it can be drawn at once.
 * @property {(player: Player) => void} onChange Play, pause, speed.
 */

/** Plays annotated frames in real time. A frame that has not arrived holds the play; none is skipped unseen at speed 1. */
export class Player {
  playing = false;
  loop = false;
  #speed;
  #since = 0;

  /** @param {Stage} stage @param {number} [speed] one of SPEEDS */
  constructor(stage, speed = 1) {
    this.stage = stage;
    this.#speed = Math.max(SPEEDS.findIndex((other) => other === speed), 0);
  }

  get speed() {
    return /** @type {number} */ (SPEEDS[this.#speed]);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    if (this.playing || this.stage.count < 2) return;
    if (this.#slot === this.stage.count - 1) this.stage.show(0);
    this.playing = true;
    this.#since = performance.now();
    this.stage.onChange(this);
    requestAnimationFrame(() => this.#tick());
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.stage.onChange(this);
  }

  /** Half or double, from a quarter to four times. @param {1 | -1} direction */
  changeSpeed(direction) {
    this.#speed = Math.min(Math.max(this.#speed + direction, 0), SPEEDS.length - 1);
    this.stage.onChange(this);
  }

  get #slot() {
    return Math.round(this.stage.frame() / this.stage.stride);
  }

  #tick() {
    if (!this.playing) return;
    const now = performance.now(); // a late callback's own time is in the past: what it shows would be counted short
    const period = (1000 * this.stage.stride) / (WORKING_FPS * this.speed);
    const due = Math.floor((now - this.#since) / period);
    if (due > 0) this.#advance(Math.min(due, Math.ceil(this.speed)), now, period);
    requestAnimationFrame(() => this.#tick());
  }

  /** @param {number} slots @param {number} now @param {number} period */
  #advance(slots, now, period) {
    const { stage } = this;
    const next = this.#slot + slots;
    if (next >= stage.count && !this.loop) {
      stage.show((stage.count - 1) * stage.stride);
      this.pause();
      return;
    }
    const frameIndex = (next % stage.count) * stage.stride;
    if (!stage.isReady(frameIndex)) {
      this.#since = now - period; // due again at the next tick
      return;
    }
    const late = (now - this.#since) % period;
    this.#since = now - (late < period / 2 ? late : 0);
    stage.show(frameIndex);
  }
}
