/** Tones made here, without any file, and vibration; repeated until stopped. */

/** What a tone means: a new order, a check-in that is due, help under way. */
export type Tune = "order" | "check" | "sent";

/** (Hz, start s, length s) of one round, and how often a round comes. */
const TUNES: Readonly<Record<Tune, { notes: readonly (readonly [number, number, number])[]; every_ms: number; shake: number[] }>> = {
  order: { notes: [[880, 0, 0.18], [1175, 0.2, 0.18], [880, 0.4, 0.18], [1175, 0.6, 0.35]], every_ms: 2_000, shake: [300, 120, 300, 120, 500] },
  check: { notes: [[660, 0, 0.25], [660, 0.4, 0.25]], every_ms: 3_000, shake: [400, 200, 400] },
  sent: { notes: [[1175, 0, 0.12]], every_ms: 0, shake: [80] },
};
const LOUD = 0.6;

/** One loudspeaker for the whole app. */
export class Alarm {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private tune: Tune | null = null;

  /** Whether tones can be heard; browsers want one touch of the screen first. */
  get ready(): boolean {
    return this.context?.state === "running";
  }

  /** Use a touch of the screen to open the loudspeaker; fine to call at every one. */
  async open(): Promise<void> {
    try {
      this.context ??= new AudioContext();
      if (this.context.state !== "running") await this.context.resume();
    } catch {
      this.context = null; // no loudspeaker: the screen and the vibration are left
    }
  }

  /** Begin, or go on with, a tune. */
  start(tune: Tune): void {
    if (this.tune === tune) return;
    this.stop();
    this.tune = tune;
    this.round(tune);
    const { every_ms } = TUNES[tune];
    if (every_ms > 0) this.timer = setInterval(() => this.round(tune), every_ms);
    else this.tune = null;
  }

  /** Silence. */
  stop(): void {
    clearInterval(this.timer);
    this.tune = null;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(0);
  }

  private round(tune: Tune): void {
    const { notes, shake } = TUNES[tune];
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(shake);
    const context = this.context;
    if (context === null || context.state !== "running") return;
    for (const [pitch, from_s, length_s] of notes) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const at = context.currentTime + from_s;
      tone.type = "square";
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(LOUD, at + 0.01);
      volume.gain.linearRampToValueAtTime(0, at + length_s);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length_s + 0.02);
    }
  }
}
