/** Places that have a tier of their own: T1 a filled square on its corner, T2 a ring, T3 a small ring; names are drawn with the living. */
import type { FeatureCollection } from "geojson";
import type { PlaceView } from "../wire/types.gen";
import type { MapLayer } from "./layer";
import { inSight, type Brush } from "./overlay";
import { CANVAS_FONT } from "./style";

/** The signs; the name of a T1 place is seen from farther away. */
export const places: MapLayer = {
  sources: { places: {} },
  layers: (palette) => [
    {
      id: "places-dot",
      type: "circle",
      source: "places",
      filter: ["!=", ["get", "tier"], "T1"],
      minzoom: 12,
      paint: {
        "circle-radius": ["match", ["get", "tier"], "T2", 3.2, 2],
        "circle-color": palette.halo,
        "circle-stroke-width": 1.4,
        "circle-stroke-color": ["match", ["get", "tier"], "T2", palette.t2, palette.inkSoft],
      },
    },
    {
      id: "places-key",
      type: "symbol",
      source: "places",
      filter: ["==", ["get", "tier"], "T1"],
      layout: { "icon-image": "diamond", "icon-size": 0.5, "icon-allow-overlap": true, "icon-ignore-placement": true },
      paint: { "icon-color": palette.t1 },
    },
  ],
};

/** A place with its name in the user's language. */
export interface PlaceMark {
  readonly place: string;
  readonly name: string;
  readonly tier: string;
  readonly lon: number;
  readonly lat: number;
}

const ALL_NAMES_FROM_ZOOM = 13.2;
const SIGN_PX = 7;

/** Places named in one language, key points first. */
export function placeMarks(views: readonly PlaceView[], english: boolean): PlaceMark[] {
  return views
    .map(({ place, name, name_en, tier, lon, lat }) => ({ place, name: english && name_en !== "" ? name_en : name, tier, lon, lat }))
    .sort((a, b) => a.tier.localeCompare(b.tier));
}

/** Lay the names out; they come before those of free teams, so that they stay where they are while teams pass. */
export function namePlaces(brush: Brush, marks: readonly PlaceMark[], zoom: number): void {
  const { palette, labels, ratio, project } = brush;
  for (const mark of marks) {
    const key = mark.tier === "T1";
    if (!key && zoom < ALL_NAMES_FROM_ZOOM) continue;
    const { x, y } = project([mark.lon, mark.lat]);
    if (!inSight(brush, { x, y })) continue;
    const style = { font: `${key ? 12 : 11}px ${CANVAS_FONT}`, ink: palette.inkSoft, halo: palette.halo };
    labels.lay({ key: `place ${mark.place}`, text: mark.name, x, y, gap: SIGN_PX, style, ground: true }, ratio);
  }
}

/** Places as features, for their signs. */
export function placeFeatures(marks: readonly PlaceMark[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: marks.map(({ lon, lat, tier, name }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [lon, lat] },
      properties: { tier, name },
    })),
  };
}
