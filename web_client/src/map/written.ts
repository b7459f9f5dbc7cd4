/** Where the ground has written the names of its settlements, so that the names of what lives step aside for them. */
import type { Map as MapLibre } from "maplibre-gl";
import { ABOVE_EM, SETTLEMENTS, WIDEST_EM } from "./names";
import type { Brush } from "./overlay";

/** One name as the ground has written it, above its point. */
export interface WrittenName {
  readonly text: string;
  readonly lon: number;
  readonly lat: number;
  readonly size_px: number;
}

const SIZES: Readonly<Record<string, readonly [number, number]>> = SETTLEMENTS;
const [FROM_ZOOM, TO_ZOOM] = [10, 16];
/** About how high a line is and how wide a letter, in ems. */
const LINE = 1.2;
const [HAN, LATIN] = [1.06, 0.55];

/** The names that are written on the map right now; ask when it is idle. */
export function writtenNames(map: MapLibre, english: boolean): WrittenName[] {
  const layers = Object.keys(SIZES).filter((layer) => map.getLayer(layer) !== undefined);
  if (layers.length === 0) return [];
  const found = new Map<string, WrittenName>();
  for (const { geometry, properties, layer } of map.queryRenderedFeatures({ layers })) {
    const text = String((english ? properties["name_en"] ?? properties["name"] : properties["name"] ?? properties["name_en"]) ?? "");
    if (geometry.type !== "Point" || text === "") continue;
    const [lon = 0, lat = 0] = geometry.coordinates;
    found.set(`${text} ${lon.toFixed(3)} ${lat.toFixed(3)}`, { text, lon, lat, size_px: sizeOf(layer.id, map.getZoom()) });
  }
  return [...found.values()];
}

/** Keep the room of written names free. */
export function reserveWritten({ labels, project }: Brush, names: readonly WrittenName[]): void {
  for (const { text, lon, lat, size_px } of names) {
    const { x, y } = project([lon, lat]);
    const [width, height] = roomOf(text, size_px);
    const bottom = y - ABOVE_EM * size_px;
    labels.block(`ground ${text}`, { left: x - width / 2, right: x + width / 2, top: bottom - height, bottom });
  }
}

/** About how wide and how high a name is, in pixels. */
export function roomOf(text: string, size_px: number): readonly [number, number] {
  const ems = [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? HAN : LATIN), 0);
  const lines = Math.ceil(ems / WIDEST_EM);
  return [(lines > 1 ? Math.min(WIDEST_EM, (ems / lines) * 1.2) : ems) * size_px, lines * LINE * size_px];
}

function sizeOf(layer: string, zoom: number): number {
  const [small, large] = SIZES[layer] ?? [11, 11];
  return small + (large - small) * Math.min(1, Math.max(0, (zoom - FROM_ZOOM) / (TO_ZOOM - FROM_ZOOM)));
}
