/** The 1/3/5-minute circles of one team, the widest below. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from "geojson";
import type { CircleCollection } from "../wire/api";
import type { MapLayer } from "./layer";
import { FONTS } from "./style";

/** Nested fills with a line each; the label says the minutes. */
export const circles: MapLayer = {
  sources: { circles: {} },
  layers: (palette) => {
    const [one, three, five] = palette.circle;
    return [
      {
        id: "circles-fill",
        type: "fill",
        source: "circles",
        filter: ["!=", ["geometry-type"], "Point"],
        layout: { "fill-sort-key": ["-", ["get", "limit_s"]] },
        paint: { "fill-color": three, "fill-opacity": palette.look === "night" ? 0.13 : 0.14 },
      },
      {
        id: "circles-line",
        type: "line",
        source: "circles",
        filter: ["!=", ["geometry-type"], "Point"],
        layout: { "line-join": "round" },
        paint: {
          "line-color": ["step", ["get", "limit_s"], one, 61, three, 181, five],
          "line-width": ["step", ["get", "limit_s"], 2, 61, 1.3, 181, 1],
          "line-opacity": ["step", ["get", "limit_s"], 0.95, 61, 0.75, 181, 0.6],
        },
      },
      {
        id: "circles-label",
        type: "symbol",
        source: "circles",
        filter: ["==", ["geometry-type"], "Point"],
        layout: {
          "text-field": ["get", "label"],
          "text-font": FONTS,
          "text-size": 12,
          "text-anchor": "bottom",
          "text-offset": [0, -0.2],
          "text-allow-overlap": true,
          "text-ignore-placement": true,
        },
        paint: { "text-color": one, "text-halo-color": palette.halo, "text-halo-width": 2 },
      },
    ];
  },
};

/** Circles as features, and for each a label in the user's language at its northernmost corner. */
export function circleFeatures(collection: CircleCollection, label: (minutes: number) => string): FeatureCollection {
  const labels = collection.features.flatMap((feature): Feature[] => {
    const top = northernmost(feature.geometry);
    if (top === null) return [];
    const properties = { label: label(feature.properties.minutes) };
    return [{ type: "Feature", geometry: { type: "Point", coordinates: top }, properties }];
  });
  return { type: "FeatureCollection", features: [...collection.features, ...labels] };
}

function northernmost(shape: Polygon | MultiPolygon): Position | null {
  const rings = shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat();
  let top: Position | null = null;
  for (const ring of rings) for (const corner of ring) if (top === null || (corner[1] ?? 0) > (top[1] ?? 0)) top = corner;
  return top;
}
