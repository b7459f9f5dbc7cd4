/** The point that is about to be reported. */
import type { FeatureCollection } from "geojson";
import { NOTHING, type MapLayer } from "./layer";

/** A target: ring and centre. */
export const pin: MapLayer = {
  sources: { pin: {} },
  layers: (palette) => [
    {
      id: "pin-ring",
      type: "circle",
      source: "pin",
      paint: {
        "circle-radius": 11,
        "circle-color": palette.urgency.critical,
        "circle-opacity": 0.15,
        "circle-stroke-width": 2.5,
        "circle-stroke-color": palette.urgency.critical,
      },
    },
    {
      id: "pin-dot",
      type: "circle",
      source: "pin",
      paint: { "circle-radius": 3, "circle-color": palette.urgency.critical },
    },
  ],
};

/** The pin as a feature, or nothing. */
export function pinFeatures(at: readonly [number, number] | null): FeatureCollection {
  if (at === null) return NOTHING;
  const geometry = { type: "Point" as const, coordinates: [...at] };
  return { type: "FeatureCollection", features: [{ type: "Feature", geometry, properties: {} }] };
}
