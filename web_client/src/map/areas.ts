/** Land use, water and buildings, under everything else. */
import type { ExpressionSpecification } from "maplibre-gl";
import { GROUND } from "./basemap";
import type { MapLayer } from "./layer";
import type { Palette } from "./style";

function colour(palette: Palette): ExpressionSpecification {
  return [
    "match",
    ["get", "kind"],
    ["forest"],
    palette.forest,
    ["park", "grass", "pitch"],
    palette.park,
    ["farmland", "wetland"],
    palette.farmland,
    ["industrial", "commercial"],
    palette.industrial,
    ["residential", "square"],
    palette.built,
    ["school", "hospital"],
    palette.school,
    ["bare"],
    palette.bare,
    palette.land,
  ];
}

/** Areas by kind, then water over them, lines of rivers, and the houses. */
export const areas: MapLayer = {
  sources: {},
  layers: (palette) => [
    {
      id: "areas",
      type: "fill",
      source: GROUND,
      "source-layer": "areas",
      filter: ["!=", ["get", "kind"], "water"],
      paint: { "fill-antialias": true, "fill-color": colour(palette) },
    },
    {
      id: "waterways",
      type: "line",
      source: GROUND,
      "source-layer": "waterways",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": palette.water,
        "line-width": [
          "interpolate", ["exponential", 1.6], ["zoom"],
          10, ["match", ["get", "kind"], "river", 1.2, 0.4],
          14, ["match", ["get", "kind"], "river", 4, "canal", 2.4, 1.2],
          17, ["match", ["get", "kind"], "river", 16, "canal", 8, 4],
        ],
      },
    },
    {
      id: "water",
      type: "fill",
      source: GROUND,
      "source-layer": "areas",
      filter: ["==", ["get", "kind"], "water"],
      paint: { "fill-antialias": true, "fill-color": palette.water },
    },
    {
      id: "buildings",
      type: "fill",
      source: GROUND,
      "source-layer": "buildings",
      minzoom: 13.5,
      paint: {
        "fill-color": palette.building,
        "fill-outline-color": palette.buildingEdge,
        "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0.3, 15, 1],
      },
    },
  ],
};
