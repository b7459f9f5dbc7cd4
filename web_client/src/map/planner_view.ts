/** The planner's map: the ground as everywhere, with demand, heat and a swipe drawn over it on a canvas. */
import { clearSheet } from "./overlay";
import { MapView, type Bounds, type MapHandlers } from "./view";
import type { PlaceMark } from "./places";
import { latitude, mercator } from "./plane";
import type { Palette } from "./style";
import { drawCells, drawCircles, drawHeat, type Cells, type Circles, type Projection } from "./planner_layers";

/** What lies over the ground. */
export interface Shown {
  readonly cells: Cells | null;
  /** How many posts reach each cell; `other` is drawn right of the swipe. */
  readonly count: Uint8Array | null;
  readonly other: Uint8Array | null;
  readonly heat: { readonly lon: Float64Array; readonly merc: Float64Array; readonly count: Uint32Array; readonly cell_m: number } | null;
  /** Where the swipe stands, 0…1 of the width; null: no comparison. */
  readonly swipe: number | null;
  readonly circles: Circles | null;
  /** A point that is pointed at. */
  readonly mark: readonly [number, number] | null;
}

/** Nothing over the ground. */
export const BARE: Shown = { cells: null, count: null, other: null, heat: null, swipe: null, circles: null, mark: null };

/** The map without rotation: positions are a scale and a shift of Web Mercator. */
export class PlannerMap {
  private readonly view: MapView;
  private readonly canvas = document.createElement("canvas");
  private shown: Shown = BARE;
  private frame = 0;

  constructor(
    private readonly container: HTMLElement,
    private palette: Palette,
    private readonly onMove: () => void,
    private readonly minutes: (count: number) => string,
    onGround: (lon: number, lat: number) => void,
  ) {
    const handlers: MapHandlers = { onTeam: () => undefined, onIncident: () => undefined, onGround, onMove: () => this.draw() };
    this.view = new MapView(container, palette, handlers);
    this.canvas.className = "overlay planner-overlay";
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", pointerEvents: "none" });
    container.insertBefore(this.canvas, container.querySelector("canvas.overlay")); // names stay above
    this.resized = new ResizeObserver(() => this.later());
    this.resized.observe(container);
  }

  private readonly resized: ResizeObserver;

  /** Replace what lies over the ground. */
  show(shown: Shown): void {
    this.shown = shown;
    this.later();
  }

  /** Take the places with their names. */
  setPlaces(marks: readonly PlaceMark[]): void {
    this.view.setPlaces(marks);
  }

  /** Change the colours of everything. */
  setPalette(palette: Palette): void {
    this.palette = palette;
    this.view.setPalette(palette);
    this.later();
  }

  /** Show all of an area. */
  fit(bounds: Bounds, glide: boolean): void {
    this.view.fit(bounds, 0, glide);
    this.later();
  }

  /** Bring a point into view. */
  bring(lon: number, lat: number): void {
    this.view.show(lon, lat);
  }

  /** One step closer or farther. */
  zoomBy(step: 1 | -1): void {
    this.view.zoomBy(step);
  }

  /** The middle of what is seen, or null before an area was shown. */
  centre(): { lon: number; lat: number } | null {
    return this.view.centre();
  }

  /** Where a point is on the container, in pixels. */
  project(lon: number, lat: number): { x: number; y: number } {
    return this.view.project(lon, lat);
  }

  /** Which point is under a pixel of the container. */
  unproject(x: number, y: number): { lon: number; lat: number } {
    const at = this.projection();
    return { lon: (x - at.x0) / at.scale, lat: latitude((at.y0 - y) / at.scale) };
  }

  /** The whole picture as a PNG: the ground, what lies over it, and `finish` on top of both. */
  async png(finish: (ctx: CanvasRenderingContext2D) => void): Promise<Blob | null> {
    const [width, height] = [this.canvas.width, this.canvas.height];
    const sheet = document.createElement("canvas");
    Object.assign(sheet, { width, height });
    const ctx = sheet.getContext("2d");
    if (ctx === null) return null;
    this.view.setPalette(this.palette); // asks for a frame of the ground; the next callback sees it before it is given away
    await new Promise<void>((resolve) => requestAnimationFrame(() => resolve(this.copyTo(ctx, width, height))));
    const ratio = width / Math.max(1, this.container.clientWidth);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    finish(ctx);
    return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  }

  /** Free everything. */
  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.resized.disconnect();
    this.canvas.remove();
    this.view.destroy();
  }

  private copyTo(ctx: CanvasRenderingContext2D, width: number, height: number): void {
    ctx.fillStyle = this.palette.land;
    ctx.fillRect(0, 0, width, height);
    for (const canvas of this.container.querySelectorAll("canvas")) if (canvas.width > 0) ctx.drawImage(canvas, 0, 0, width, height);
  }

  private projection(): Projection {
    const [west, east] = [this.view.project(0, 0), this.view.project(1, 0)];
    return { scale: east.x - west.x, x0: west.x, y0: west.y };
  }

  private later(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const clear = clearSheet(this.canvas, this.container);
    if (clear === null) return;
    const { ctx, width: clientWidth, height: clientHeight } = clear;
    const sheet = { ctx, palette: this.palette, width: clientWidth, height: clientHeight, at: this.projection() };
    const { cells, count, other, heat, swipe, circles, mark } = this.shown;
    const middle = swipe === null ? clientWidth : swipe * clientWidth;
    if (cells !== null && count !== null) drawCells(sheet, cells, count, 0, middle);
    if (cells !== null && other !== null && swipe !== null) drawCells(sheet, cells, other, middle, clientWidth);
    if (heat !== null) drawHeat(sheet, heat);
    if (circles !== null) drawCircles(sheet, circles, mercator, this.minutes);
    if (mark !== null) {
      const { x, y } = this.view.project(mark[0], mark[1]);
      ctx.lineWidth = 3;
      ctx.strokeStyle = this.palette.urgency.critical;
      ctx.beginPath();
      ctx.arc(x, y, 13, 0, 2 * Math.PI);
      ctx.stroke();
    }
    this.onMove();
  }
}
