/** Sounds made by WebAudio, no file is loaded: what is graver is higher, faster and longer; silence is a falling pair. */
import type { Alarm } from "../../model/alarms";

/** One note: pitch in Hz, start and length in seconds. */
type Note = readonly [number, number, number];

const TUNES: Readonly<Record<Alarm["tone"], readonly Note[]>> = {
  panic: [[1568, 0, 0.12], [1047, 0.14, 0.12], [1568, 0.28, 0.12], [1047, 0.42, 0.12], [1568, 0.56, 0.12], [1047, 0.7, 0.3]],
  critical: [[988, 0, 0.14], [1319, 0.17, 0.14], [988, 0.34, 0.14], [1319, 0.51, 0.22]],
  urgent: [[784, 0, 0.16], [988, 0.2, 0.22]],
  routine: [[587, 0, 0.2]],
  silence: [[659, 0, 0.2], [440, 0.24, 0.32]],
  expired: [[659, 0, 0.16], [523, 0.2, 0.16], [440, 0.4, 0.34]],
  help: [[1175, 0, 0.1], [1175, 0.14, 0.1], [1175, 0.28, 0.1], [1568, 0.42, 0.3]],
};

/** Plays tunes once a person has touched the page, which browsers ask for; until then `blocked` says so. */
export class Sounds {
  private context: AudioContext | null = null;

  /** Whether the browser does not let this page sound yet. */
  get blocked(): boolean {
    return this.context === null || this.context.state !== "running";
  }

  /** Call in a person's gesture: from then on tunes are heard. Where there is no WebAudio nothing happens. */
  async open(): Promise<void> {
    try {
      this.context ??= new AudioContext();
      if (this.context.state !== "running") await this.context.resume();
    } catch {
      this.context = null; // no sound card, or forbidden by policy: the screen shows everything anyway
    }
  }

  /** Play a tune at a volume of 0 … 1. */
  play(tone: Alarm["tone"], volume: number): void {
    const { context } = this;
    if (context === null || context.state !== "running" || volume <= 0) return;
    const start_s = context.currentTime + 0.02;
    for (const [pitch, after_s, length_s] of TUNES[tone]) {
      const source = context.createOscillator();
      const gain = context.createGain();
      source.type = "triangle";
      source.frequency.value = pitch;
      gain.gain.setValueAtTime(0, start_s + after_s);
      gain.gain.linearRampToValueAtTime(volume * 0.5, start_s + after_s + 0.012);
      gain.gain.exponentialRampToValueAtTime(0.0005, start_s + after_s + length_s);
      source.connect(gain).connect(context.destination);
      source.start(start_s + after_s);
      source.stop(start_s + after_s + length_s + 0.02);
    }
  }
}
