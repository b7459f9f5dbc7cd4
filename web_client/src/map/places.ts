/** Places that have a tier of their own: T1 a filled square on its corner, T2 a ring, T3 a small name. */
import type { FeatureCollection } from "geojson";
import type { PlaceView } from "../wire/types.gen";
import type { MapLayer } from "./layer";
import { FONTS } from "./style";

/** Marks and names; the name of a T1 place is seen from farther away. */
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
      id: "places-name",
      type: "symbol",
      source: "places",
      layout: {
        "icon-image": ["match", ["get", "tier"], "T1", "diamond", ""],
        "icon-size": 0.5,
        "icon-allow-overlap": true,
        "text-field": ["step", ["zoom"], ["match", ["get", "tier"], "T1", ["get", "name"], ""], 13.2, ["get", "name"]],
        "text-font": FONTS,
        "text-size": ["match", ["get", "tier"], "T1", 12, 11],
        "text-variable-anchor": ["top", "bottom", "left", "right"],
        "text-radial-offset": 0.65,
        "text-optional": true,
        "text-max-width": 9,
        "symbol-sort-key": ["match", ["get", "tier"], "T1", 0, "T2", 1, 2],
      },
      paint: {
        "icon-color": palette.t1,
        "text-color": ["match", ["get", "tier"], "T1", palette.ink, palette.inkSoft],
        "text-opacity": 0.85,
        "text-halo-color": palette.halo,
        "text-halo-width": 1.3,
      },
    },
  ],
};

/** Places as features, named in one language. */
export function placeFeatures(views: readonly PlaceView[], english: boolean): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: views.map((view) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [view.lon, view.lat] },
      properties: { tier: view.tier, name: english && view.name_en !== "" ? view.name_en : view.name },
    })),
  };
}
