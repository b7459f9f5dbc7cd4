/** Open incidents: a badge in the colour of its urgency with the mark of its kind. */
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification } from "maplibre-gl";
import type { Urgency } from "../wire/types.gen";
import type { MapLayer } from "./layer";
import { FONTS, type Palette } from "./style";

/** One incident on the map; `mark` is one or two letters. */
export interface IncidentMark {
  readonly incident: string;
  readonly mark: string;
  readonly label: string;
  readonly lon: number;
  readonly lat: number;
  readonly urgency: Urgency;
  /** Somebody is there: the rim of the badge takes the colour of a team on the scene, which stands beneath it. */
  readonly attended: boolean;
  readonly selected: boolean;
}

function byUrgency(palette: Palette): ExpressionSpecification {
  const { critical, urgent, routine } = palette.urgency;
  return ["match", ["get", "urgency"], "critical", critical, "urgent", urgent, routine];
}

/** A wide faint ring, the badge, its mark and its name. */
export const incidents: MapLayer = {
  sources: { incidents: {} },
  layers: (palette) => [
    {
      id: "incidents-ring",
      type: "circle",
      source: "incidents",
      paint: {
        "circle-radius": ["case", ["get", "selected"], 21, 16],
        "circle-color": byUrgency(palette),
        "circle-opacity": ["case", ["get", "selected"], 0.28, 0.16],
        "circle-stroke-width": ["case", ["get", "selected"], 2, 0],
        "circle-stroke-color": byUrgency(palette),
      },
    },
    {
      id: "incidents-badge",
      type: "circle",
      source: "incidents",
      paint: {
        "circle-radius": 10,
        "circle-color": byUrgency(palette),
        "circle-stroke-width": ["case", ["get", "attended"], 3.5, 2],
        "circle-stroke-color": ["case", ["get", "attended"], palette.status.on_scene, palette.halo],
      },
    },
    {
      id: "incidents-mark",
      type: "symbol",
      source: "incidents",
      layout: {
        "text-field": ["get", "mark"],
        "text-font": FONTS,
        "text-size": 12,
        "text-allow-overlap": true,
        "text-ignore-placement": true,
      },
      paint: { "text-color": palette.look === "night" ? "#10171d" : "#ffffff" },
    },
    {
      id: "incidents-name",
      type: "symbol",
      source: "incidents",
      layout: {
        "text-field": ["get", "label"],
        "text-font": FONTS,
        "text-size": 12,
        "text-variable-anchor": ["top", "bottom", "right", "left"],
        "text-radial-offset": 1.25,
        "text-max-width": 12,
      },
      paint: { "text-color": byUrgency(palette), "text-halo-color": palette.halo, "text-halo-width": 1.8 },
    },
  ],
};

/** Incidents as features. */
export function incidentFeatures(marks: readonly IncidentMark[]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: marks.map(({ lon, lat, ...properties }) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [lon, lat] },
      properties,
    })),
  };
}
