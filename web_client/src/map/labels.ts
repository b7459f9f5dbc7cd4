/** Names beside living things: drawn once and kept as pictures, placed so that they do not cover one another. */

/** A rectangle in pixels; a name may touch its own sign. */
interface Box {
  readonly owner: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** A sign that moves about: names of the ground do not step aside for it. */
  readonly passing: boolean;
}

/** How a name looks. */
export interface LabelStyle {
  readonly font: string;
  readonly ink: string;
  readonly halo: string;
}

/** A name beside its sign. */
export interface NameTag {
  readonly key: string;
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly gap: number;
  readonly style: LabelStyle;
  /** A name of the ground lies beneath all signs, and stays where it is while teams pass. */
  readonly ground?: boolean;
  /** Where there is no room, it stands where it covers least. */
  readonly must?: boolean;
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

/** On which side of its sign a name stands: -1 before, 0 across, 1 after, in x and in y. */
type Anchor = readonly [-1 | 0 | 1, -1 | 0 | 1];
const ANCHORS: readonly Anchor[] = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [1, -1], [-1, 1], [-1, -1]];
const CORNER = 0.6;

/** Boxes lie in squares of this many pixels, so that a name is compared with its neighbours and not with the whole map. */
const SQUARE_PX = 64;
const SQUARES = 4_096;

/** Boxes by the squares that they touch. */
class Neighbours {
  private readonly squares = new Map<number, Box[]>();

  clear(): void {
    this.squares.clear();
  }

  add(box: Box): void {
    for (const square of squaresOf(box)) {
      const held = this.squares.get(square);
      if (held === undefined) this.squares.set(square, [box]);
      else held.push(box);
    }
  }

  /** The area in square pixels that a name would cover of what others have taken; it stops adding beyond `enough`. */
  covered(box: Box, ground: boolean, enough: number): number {
    let sum = 0;
    const seen = new Set<Box>();
    for (const square of squaresOf(box)) {
      for (const other of this.squares.get(square) ?? []) {
        if (other.owner === box.owner || (ground && other.passing)) continue;
        const area = overlap(box, other);
        if (area === 0 || seen.has(other)) continue; // one that lies in two squares counts once
        seen.add(other);
        sum += area;
        if (sum > enough) return sum;
      }
    }
    return sum;
  }
}

function* squaresOf({ left, right, top, bottom }: Box): Generator<number> {
  const [first, last] = [Math.floor(left / SQUARE_PX), Math.floor(right / SQUARE_PX)];
  for (let row = Math.floor(top / SQUARE_PX); row <= Math.floor(bottom / SQUARE_PX); row += 1) {
    for (let column = first; column <= last; column += 1) yield row * SQUARES + column;
  }
}

/** Pictures of names, and the places they were given last, so that a name does not jump from side to side. */
export class Labels {
  private readonly pictures = new Map<string, Picture>();
  private readonly anchors = new Map<string, Anchor>();
  private readonly taken = new Neighbours();
  private laid: { readonly picture: Picture; readonly box: Box; readonly ground: boolean }[] = [];

  /** Begin a new picture of the map. */
  begin(): void {
    this.taken.clear();
    this.laid = [];
  }

  /** Keep a square of `radius` pixels around a sign free of the names of others. */
  reserve(owner: string, x: number, y: number, radius: number, passing = false): void {
    this.taken.add({ owner, left: x - radius, top: y - radius, right: x + radius, bottom: y + radius, passing });
  }

  /** Keep a rectangle free, which somebody else has written in. */
  block(owner: string, room: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }): void {
    this.taken.add({ owner, ...room, passing: false });
  }

  /** Find room for a name beside its sign: right, left, below, above, a corner; whether it has a place. First come, first served. */
  lay(tag: NameTag, ratio: number): boolean {
    const picture = this.pictureOf(tag.text, tag.style, ratio);
    const last = this.anchors.get(tag.key);
    const order = last === undefined ? ANCHORS : [last, ...ANCHORS.filter((anchor) => anchor !== last)];
    let best: { anchor: Anchor; box: Box; covered: number } | null = null;
    for (const anchor of order) {
      const box = boxAt(tag.key, anchor, tag.x, tag.y, tag.gap, picture);
      const covered = this.taken.covered(box, tag.ground === true, best?.covered ?? Infinity);
      if (best === null || covered < best.covered) best = { anchor, box, covered };
      if (covered === 0) break;
    }
    if (best === null || (best.covered > 0 && tag.must !== true)) return false;
    this.taken.add(best.box);
    this.anchors.set(tag.key, best.anchor);
    this.laid.push({ picture, box: best.box, ground: tag.ground === true });
    return true;
  }

  /** Paint the names that found room: those of the ground, or those of what lives. */
  paint(ctx: CanvasRenderingContext2D, ground: boolean): void {
    for (const { picture, box, ...one } of this.laid) {
      if (one.ground === ground) ctx.drawImage(picture.canvas, box.left, box.top, picture.width, picture.height);
    }
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

function boxAt(owner: string, anchor: Anchor, x: number, y: number, gap: number, { width, height }: Picture): Box {
  const [across, down] = anchor;
  const away = across !== 0 && down !== 0 ? gap * CORNER : gap;
  const left = Math.round(x + across * away - (width * (1 - across)) / 2);
  const top = Math.round(y + down * (away - 2) - (height * (1 - down)) / 2);
  return { owner, left, top, right: left + width, bottom: top + height, passing: false };
}

/** The area that two boxes share, in square pixels. */
function overlap(one: Box, other: Box): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return width > 0 && height > 0 ? width * height : 0;
}
