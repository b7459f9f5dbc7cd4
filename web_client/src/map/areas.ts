/** Water, woods and land use, under everything else. */
import type { MapLayer } from "./layer";

/** Polygons by kind, and rivers that are drawn as lines. */
export const areas: MapLayer = {
  sources: { areas: { tolerance: 0.5 } },
  layers: (palette) => [
    {
      id: "areas-fill",
      type: "fill",
      source: "areas",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: {
        "fill-antialias": true,
        "fill-color": [
          "match",
          ["get", "kind"],
          ["water", "river", "lake", "reservoir", "pond", "canal"],
          palette.water,
          ["forest", "wood", "hill", "park", "grass", "farmland"],
          palette.forest,
          ["industrial", "commercial", "retail"],
          palette.industrial,
          ["residential", "village", "built"],
          palette.built,
          palette.land,
        ],
      },
    },
    {
      id: "areas-line",
      type: "line",
      source: "areas",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": palette.water,
        "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 11, 1.5, 14, 5, 17, 26],
      },
    },
  ],
};
