/**
 * What lives is drawn on a canvas of its own above the ground: a team that moves does not make the ground be drawn
 * anew, and the names of places do not jump out of its way.
 */
import { Labels } from "./labels";
import { Stamps } from "./stamps";
import type { Palette } from "./style";

/** What a layer of living things draws with; coordinates are pixels of the page. */
export interface Brush {
  readonly ctx: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly labels: Labels;
  readonly stamps: Stamps;
  readonly ratio: number;
  project(at: readonly [number, number]): { x: number; y: number };
}

const MARGIN_PX = 160;

/** Whether a point is on the canvas or so near it that its name may reach in. */
export function inSight({ ctx, ratio }: Brush, { x, y }: { readonly x: number; readonly y: number }): boolean {
  return x > -MARGIN_PX && y > -MARGIN_PX && x < ctx.canvas.width / ratio + MARGIN_PX && y < ctx.canvas.height / ratio + MARGIN_PX;
}

/** A canvas as large as the map. */
export class Overlay {
  private readonly canvas = document.createElement("canvas");
  private readonly labels = new Labels();
  private readonly stamps = new Stamps();

  constructor(private readonly container: HTMLElement) {
    this.canvas.className = "overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas.style, { position: "absolute", left: "0", top: "0", pointerEvents: "none" });
    container.append(this.canvas);
  }

  /** Clear, then let every layer draw. */
  draw(palette: Palette, project: Brush["project"], layers: readonly ((brush: Brush) => void)[]): void {
    const sheet = clearSheet(this.canvas, this.container);
    if (sheet === null) return;
    const { ctx, ratio } = sheet;
    this.labels.begin();
    for (const layer of layers) layer({ ctx, palette, labels: this.labels, stamps: this.stamps, ratio, project });
  }

  /** Take the canvas away. */
  remove(): void {
    this.canvas.remove();
  }
}

/** A canvas as large as its container, cleared, in CSS pixels of its width and height; null where it cannot be drawn on. */
export function clearSheet(canvas: HTMLCanvasElement, container: HTMLElement): { ctx: CanvasRenderingContext2D; ratio: number; width: number; height: number } | null {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth, clientHeight } = container;
  const [width, height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    Object.assign(canvas, { width, height });
    Object.assign(canvas.style, { width: `${clientWidth}px`, height: `${clientHeight}px` });
  }
  const ctx = canvas.getContext("2d");
  if (ctx === null) return null;
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, clientWidth, clientHeight);
  return { ctx, ratio, width: clientWidth, height: clientHeight };
}
