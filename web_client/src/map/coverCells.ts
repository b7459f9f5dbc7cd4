/** The live cover on a canvas of its own between the ground and what lives: squares by minutes, gaps hatched. */
import type { CoverPicture } from "../wire/types.gen";
import type { Palette } from "./style";

const ALPHA = { day: 0.2, night: 0.22 } as const;
const LEAST_PX = 3;
const HATCH_FROM_PX = 6;

/** Draws a picture whenever the map moves or the picture changes. */
export class CoverCells {
  private readonly canvas = document.createElement("canvas");
  private picture: CoverPicture | null = null;

  constructor(private readonly container: HTMLElement) {
    this.canvas.className = "cover-cells";
    this.canvas.setAttribute("aria-hidden", "true");
    Object.assign(this.canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", pointerEvents: "none", display: "none" });
    container.insertBefore(this.canvas, container.querySelector(".overlay"));
  }

  /** Take a picture, or none. */
  set(picture: CoverPicture | null): void {
    this.picture = picture;
    this.canvas.style.display = picture === null ? "none" : "block";
  }

  /** Draw it where the map is now; `project` takes degrees to pixels of the container. */
  draw(palette: Palette, project: (lon: number, lat: number) => { x: number; y: number }): void {
    const { picture, container, canvas } = this;
    if (picture === null) return;
    const [width, height] = [container.clientWidth, container.clientHeight];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const ctx = canvas.getContext("2d");
    if (ctx === null) return;
    ctx.clearRect(0, 0, width, height);
    const spots = flat(picture, project);
    const side = Math.max(LEAST_PX, spots.cell_px);
    const none = picture.limits_ms.length;
    for (let level = 0; level <= none; level += 1) {
      ctx.beginPath();
      for (let index = 0; index < picture.level.length; index += 1) {
        const [x, y] = [spots.x(index), spots.y(index)];
        if (picture.level[index] !== level || x < -side || y < -side || x > width + side || y > height + side) continue;
        if (level < none) ctx.rect(x - side / 2, y - side / 2, side, side);
        else hatch(ctx, x, y, side);
      }
      ctx.globalAlpha = level < none ? ALPHA[palette.look] : 0.75;
      if (level < none) {
        ctx.fillStyle = palette.circle[Math.min(level, 2)] ?? palette.circle[2];
        ctx.globalAlpha *= 1 - level * 0.28;
        ctx.fill();
      } else {
        ctx.strokeStyle = palette.urgency.critical;
        ctx.lineWidth = 1.2;
        ctx.stroke();
      }
    }
    ctx.globalAlpha = 1;
  }

  /** Take the canvas away. */
  remove(): void {
    this.canvas.remove();
  }
}

/** The map has no rotation, so two corners say where every cell is: thousands of cells, two projections. */
function flat(picture: CoverPicture, project: (lon: number, lat: number) => { x: number; y: number }): { x(index: number): number; y(index: number): number; cell_px: number } {
  const [lon0, lat0] = [(picture.lon_e5[0] ?? 0) / 1e5, (picture.lat_e5[0] ?? 0) / 1e5];
  const [from, to] = [project(lon0, lat0), project(lon0 + 0.1, lat0 + 0.1)];
  const merc = (lat: number): number => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  const [m0, m1] = [merc(lat0), merc(lat0 + 0.1)];
  const across = (to.x - from.x) / 0.1;
  const down = (to.y - from.y) / (m1 - m0);
  const metres_per_degree = 111_320 * Math.cos((lat0 * Math.PI) / 180);
  return {
    x: (index) => from.x + ((picture.lon_e5[index] ?? 0) / 1e5 - lon0) * across,
    y: (index) => from.y + (merc((picture.lat_e5[index] ?? 0) / 1e5) - m0) * down,
    cell_px: (picture.cell_m / metres_per_degree) * across,
  };
}

function hatch(ctx: CanvasRenderingContext2D, x: number, y: number, side: number): void {
  const half = side / 2;
  ctx.moveTo(x - half, y + half);
  ctx.lineTo(x + half, y - half);
  if (side < HATCH_FROM_PX) return;
  ctx.moveTo(x - half, y);
  ctx.lineTo(x, y - half);
  ctx.moveTo(x, y + half);
  ctx.lineTo(x + half, y);
}
