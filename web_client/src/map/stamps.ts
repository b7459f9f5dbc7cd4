/** Signs that are drawn once and then copied: a thousand arcs a frame are slow where there is no graphics card. */

const MOST_STAMPS = 400;

/** Small pictures by what they show. */
export class Stamps {
  private readonly pictures = new Map<string, HTMLCanvasElement>();

  /** Put the picture of `key`, which `paint` draws around (0, 0) within `radius`, on a point of the page. */
  put(ctx: CanvasRenderingContext2D, ratio: number, key: string, radius: number, paint: (ctx: CanvasRenderingContext2D) => void, x: number, y: number): void {
    const name = `${ratio}|${key}`;
    let picture = this.pictures.get(name);
    if (picture === undefined) {
      if (this.pictures.size >= MOST_STAMPS) this.pictures.clear();
      picture = made(radius, ratio, paint);
      this.pictures.set(name, picture);
    }
    const left = Math.round((x - radius) * ratio) / ratio;
    const top = Math.round((y - radius) * ratio) / ratio;
    ctx.drawImage(picture, left, top, picture.width / ratio, picture.height / ratio);
  }
}

function made(radius: number, ratio: number, paint: (ctx: CanvasRenderingContext2D) => void): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * radius * ratio);
  const ctx = canvas.getContext("2d");
  if (ctx === null) return canvas;
  ctx.scale(ratio, ratio);
  ctx.translate(radius, radius);
  paint(ctx);
  return canvas;
}
