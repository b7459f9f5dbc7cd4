/** Names beside living things: drawn once and kept as pictures, placed so that they do not cover one another. */

/** A rectangle in pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** How a name looks. */
export interface LabelStyle {
  readonly font: string;
  readonly ink: string;
  readonly halo: string;
}

/** A drawn name, in pixels of the page. */
interface Picture {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
}

const MOST_PICTURES = 3_000;
const HALO_PX = 3;
const PAD_PX = 3;

type Anchor = 0 | 1 | 2 | 3;
const ANCHORS: readonly Anchor[] = [0, 1, 2, 3];

/** Pictures of names, and the places they were given last, so that a name does not jump from side to side. */
export class Labels {
  private readonly pictures = new Map<string, Picture>();
  private readonly anchors = new Map<string, Anchor>();
  private taken: Box[] = [];

  /** Begin a new picture of the map. */
  begin(): void {
    this.taken = [];
  }

  /** Keep a square of `radius` pixels around a sign free of names. */
  reserve(x: number, y: number, radius: number): void {
    this.taken.push({ left: x - radius, top: y - radius, right: x + radius, bottom: y + radius });
  }

  /** Draw a name beside its sign where there is room: right, left, below, above; nowhere if there is none. */
  draw(ctx: CanvasRenderingContext2D, key: string, text: string, x: number, y: number, gap: number, style: LabelStyle, ratio: number): void {
    const picture = this.pictureOf(text, style, ratio);
    const last = this.anchors.get(key);
    const order = last === undefined ? ANCHORS : [last, ...ANCHORS.filter((anchor) => anchor !== last)];
    for (const anchor of order) {
      const box = boxAt(anchor, x, y, gap, picture);
      if (this.taken.some((other) => overlap(box, other))) continue;
      this.taken.push(box);
      this.anchors.set(key, anchor);
      ctx.drawImage(picture.canvas, box.left, box.top, picture.width, picture.height);
      return;
    }
  }

  /** Draw a name in the middle of a point, whatever is there. */
  drawAcross(ctx: CanvasRenderingContext2D, text: string, x: number, y: number, style: LabelStyle, ratio: number): void {
    const { canvas, width, height } = this.pictureOf(text, style, ratio);
    ctx.drawImage(canvas, x - width / 2, y - height / 2, width, height);
    this.taken.push({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });
  }

  private pictureOf(text: string, style: LabelStyle, ratio: number): Picture {
    const name = `${ratio}|${style.font}|${style.ink}|${style.halo}|${text}`;
    const known = this.pictures.get(name);
    if (known !== undefined) return known;
    if (this.pictures.size >= MOST_PICTURES) this.pictures.clear();
    const made = paint(text, style, ratio);
    this.pictures.set(name, made);
    return made;
  }
}

function paint(text: string, style: LabelStyle, ratio: number): Picture {
  const canvas = document.createElement("canvas");
  const ctx = canvas.getContext("2d");
  if (ctx === null) return { canvas, width: 0, height: 0 };
  ctx.font = style.font;
  const measured = ctx.measureText(text);
  const width = Math.ceil(measured.width) + PAD_PX * 2;
  const height = Math.ceil(measured.fontBoundingBoxAscent + measured.fontBoundingBoxDescent) + 2;
  canvas.width = Math.ceil(width * ratio);
  canvas.height = Math.ceil(height * ratio);
  ctx.scale(ratio, ratio);
  ctx.font = style.font;
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.lineWidth = HALO_PX;
  ctx.strokeStyle = style.halo;
  ctx.strokeText(text, PAD_PX, height / 2);
  ctx.fillStyle = style.ink;
  ctx.fillText(text, PAD_PX, height / 2);
  return { canvas, width, height };
}

function boxAt(anchor: Anchor, x: number, y: number, gap: number, { width, height }: Picture): Box {
  const lefts = [x + gap, x - gap - width, x - width / 2, x - width / 2];
  const tops = [y - height / 2, y - height / 2, y + gap - 2, y - gap - height + 2];
  const left = Math.round(lefts[anchor] ?? 0);
  const top = Math.round(tops[anchor] ?? 0);
  return { left, top, right: left + width, bottom: top + height };
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
