/** The ground's own roads: what the service routes on is what is seen. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import type { MapLayer } from "./layer";

interface Band {
  readonly id: string;
  readonly classes: readonly string[];
  readonly colour: "road" | "roadMajor" | "roadTop";
  /** Line widths in pixels at zooms 11, 14 and 17. */
  readonly widths: readonly [number, number, number];
}

/** From the least to the greatest, so that the greater is drawn above. */
const BANDS: readonly Band[] = [
  { id: "small", classes: ["service", "living_street", "track", "unclassified", "residential", "road"], colour: "road", widths: [0.45, 2, 10] },
  { id: "tertiary", classes: ["tertiary", "tertiary_link"], colour: "road", widths: [1.2, 3.4, 13] },
  { id: "secondary", classes: ["secondary", "secondary_link"], colour: "roadMajor", widths: [1.7, 4.6, 16] },
  { id: "primary", classes: ["primary", "primary_link"], colour: "roadMajor", widths: [2.2, 5.6, 19] },
  { id: "top", classes: ["trunk", "trunk_link", "motorway", "motorway_link"], colour: "roadTop", widths: [2.8, 6.8, 22] },
];

const PATHS = ["footway", "path", "steps", "pedestrian", "cycleway", "bridleway"];

function width(widths: Band["widths"], more: number): ExpressionSpecification {
  const [low, middle, high] = widths;
  return ["interpolate", ["exponential", 1.5], ["zoom"], 11, low + more * 0.4, 14, middle + more, 17, high + more * 1.4];
}

/** Paths, then casings of all classes, then their surfaces. */
export const roads: MapLayer = {
  sources: { roads: { tolerance: 0.3, buffer: 32 } },
  layers: (palette) => {
    const line = (band: Band, casing: boolean): LayerSpecification => ({
      id: `roads-${band.id}-${casing ? "casing" : "surface"}`,
      type: "line",
      source: "roads",
      filter: ["match", ["get", "class"], [...band.classes], true, false],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": casing ? palette.casing : palette[band.colour],
        "line-width": width(band.widths, casing ? 1.6 : 0),
      },
    });
    return [
      {
        id: "roads-path",
        type: "line",
        source: "roads",
        minzoom: 13.5,
        filter: ["match", ["get", "class"], PATHS, true, false],
        paint: { "line-color": palette.path, "line-width": 1, "line-dasharray": [3, 2] },
      },
      ...BANDS.map((band) => line(band, true)),
      ...BANDS.map((band) => line(band, false)),
    ];
  },
};
