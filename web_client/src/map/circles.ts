/** The 1/3/5-minute circles of one team, the widest below. */
import type { FeatureCollection } from "geojson";
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
        layout: { "fill-sort-key": ["-", ["get", "limit_s"]] },
        paint: { "fill-color": three, "fill-opacity": palette.look === "night" ? 0.13 : 0.14 },
      },
      {
        id: "circles-line",
        type: "line",
        source: "circles",
        layout: { "line-join": "round" },
        paint: {
          "line-color": ["step", ["get", "limit_s"], one, 61, three, 181, five],
          "line-width": ["step", ["get", "limit_s"], 2, 61, 1.6, 181, 1.3],
          "line-opacity": 0.9,
        },
      },
      {
        id: "circles-label",
        type: "symbol",
        source: "circles",
        layout: {
          "symbol-placement": "line",
          "symbol-spacing": 320,
          "text-field": ["get", "label"],
          "text-font": FONTS,
          "text-size": 11,
          "text-padding": 12,
        },
        paint: { "text-color": one, "text-halo-color": palette.halo, "text-halo-width": 1.6 },
      },
    ];
  },
};

/** Circles as features whose labels are in the user's language. */
export function circleFeatures(collection: CircleCollection, label: (minutes: number) => string): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: collection.features.map((feature) => ({
      ...feature,
      properties: { ...feature.properties, label: label(feature.properties.minutes) },
    })),
  };
}
