/** Order lines: from a team to its incident, dashed until it is accepted, with the road time beside it. */
import type { FeatureCollection } from "geojson";
import type { MapLayer } from "./layer";
import { FONTS } from "./style";

/** One order on the map; it begins where its team is drawn. */
export interface OrderLink {
  readonly order: string;
  readonly team: string;
  readonly label: string;
  readonly answered: boolean;
  readonly to: readonly [number, number];
}

/** The line says who goes where, not by which way. */
export const orders: MapLayer = {
  sources: { orders: {} },
  layers: (palette) => [
    {
      id: "orders-line",
      type: "line",
      source: "orders",
      filter: ["==", ["get", "answered"], true],
      layout: { "line-cap": "round" },
      paint: { "line-color": palette.line, "line-width": 2.2, "line-opacity": 0.85 },
    },
    {
      id: "orders-asked",
      type: "line",
      source: "orders",
      filter: ["==", ["get", "answered"], false],
      paint: { "line-color": palette.status.offered, "line-width": 2.2, "line-dasharray": [2, 1.6] },
    },
    {
      id: "orders-label",
      type: "symbol",
      source: "orders",
      layout: {
        "symbol-placement": "line-center",
        "text-field": ["get", "label"],
        "text-font": FONTS,
        "text-size": 11.5,
        "text-offset": [0, -0.9],
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": palette.line, "text-halo-color": palette.halo, "text-halo-width": 1.8 },
    },
  ],
};

/** Orders as lines; one whose team is not on the map is left out. */
export function orderFeatures(links: readonly OrderLink[], at: (team: string) => readonly [number, number] | null): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: links.flatMap((link) => {
      const from = at(link.team);
      if (from === null) return [];
      const geometry = { type: "LineString" as const, coordinates: [[...from], [...link.to]] };
      return [{ type: "Feature" as const, geometry, properties: { label: link.label, answered: link.answered } }];
    }),
  };
}
