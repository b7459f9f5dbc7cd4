/** The way to the place, the place itself, and where the device is. */
import type { Feature, FeatureCollection, Point } from "geojson";
import type { MapLayer } from "./layer";

/** The drawn line of a way. */
export const way: MapLayer = {
  sources: { way: {}, spots: {} },
  layers: (palette) => [
    { id: "way-casing", type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.halo, "line-width": 12 } },
    { id: "way-line", type: "line", source: "way", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": palette.line, "line-width": 7 } },
    {
      id: "spots-ring",
      type: "circle",
      source: "spots",
      paint: { "circle-radius": ["match", ["get", "what"], "there", 15, 12], "circle-color": palette.halo },
    },
    {
      id: "spots-dot",
      type: "circle",
      source: "spots",
      paint: {
        "circle-radius": ["match", ["get", "what"], "there", 11, 8],
        "circle-color": ["match", ["get", "what"], "there", palette.urgency.critical, palette.select],
      },
    },
  ],
};

/** The line as a collection; empty without a way. */
export function wayFeatures(line: readonly (readonly [number, number])[]): FeatureCollection {
  if (line.length < 2) return { type: "FeatureCollection", features: [] };
  return { type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line.map(([lon, lat]) => [lon, lat]) } }] };
}

/** Where one goes and where one is, each null where it is not known. */
export function spotFeatures(there: readonly [number, number] | null, here: readonly [number, number] | null): FeatureCollection {
  const spot = (what: string, at: readonly [number, number]): Feature<Point> => ({ type: "Feature", properties: { what }, geometry: { type: "Point", coordinates: [at[0], at[1]] } });
  return { type: "FeatureCollection", features: [...(there === null ? [] : [spot("there", there)]), ...(here === null ? [] : [spot("here", here)])] };
}
