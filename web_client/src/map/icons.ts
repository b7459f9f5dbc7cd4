/** The sign of a key point and the arrow of one-way roads, drawn here so that no sprite has to be fetched; as signed distances it takes any colour. */
import type { Map as MapLibre } from "maplibre-gl";

const SIZE = 48;
const EDGE = 0.75;
const SPREAD = 8;

/** Distance to the outline of a shape in pixels, negative inside. */
type Shape = (x: number, y: number) => number;

const diamond: Shape = (x, y) => (Math.abs(x) + Math.abs(y) - 13) / Math.SQRT2;

/** A chevron that points east: the way a line runs. */
const arrow: Shape = (x, y) => Math.max(Math.abs(x + Math.abs(y) - 5) / Math.SQRT2 - 2.6, Math.abs(y) - 12);

function draw(shape: Shape): { width: number; height: number; data: Uint8ClampedArray } {
  const data = new Uint8ClampedArray(SIZE * SIZE * 4);
  for (let row = 0; row < SIZE; row += 1) {
    for (let column = 0; column < SIZE; column += 1) {
      const distance = shape(column + 0.5 - SIZE / 2, row + 0.5 - SIZE / 2);
      const alpha = Math.round(255 * Math.min(1, Math.max(0, EDGE - distance / SPREAD)));
      data[(row * SIZE + column) * 4 + 3] = alpha;
    }
  }
  return { width: SIZE, height: SIZE, data };
}

/** Give the map its signs, once. */
export function addIcons(map: MapLibre): void {
  if (map.hasImage("arrow")) return;
  map.addImage("diamond", draw(diamond), { sdf: true });
  map.addImage("arrow", draw(arrow), { sdf: true });
}
