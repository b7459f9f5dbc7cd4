/** Teams: filled where the fix is fresh, hollow where it is stale, a little house where there is none. */
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification } from "maplibre-gl";
import type { TeamStatus } from "../model/derive";
import type { MapLayer } from "./layer";
import { FONTS, type Palette } from "./style";

/** How sure a team's position is. */
export type Certainty = "fresh" | "stale" | "home";

/** One team on the map. */
export interface TeamMark {
  readonly team: string;
  readonly label: string;
  readonly lon: number;
  readonly lat: number;
  readonly status: TeamStatus;
  readonly certainty: Certainty;
  readonly selected: boolean;
}

function byStatus(palette: Palette): ExpressionSpecification {
  const pairs = Object.entries(palette.status).flat();
  return ["match", ["get", "status"], ...pairs, palette.inkSoft] as unknown as ExpressionSpecification;
}

/** Dots, houses and names. */
export const teams: MapLayer = {
  sources: { teams: { maxzoom: 20 } },
  layers: (palette) => [
    {
      id: "teams-ring",
      type: "circle",
      source: "teams",
      filter: ["==", ["get", "selected"], true],
      paint: { "circle-radius": 13, "circle-color": palette.select, "circle-opacity": 0.22, "circle-stroke-width": 2, "circle-stroke-color": palette.select },
    },
    {
      id: "teams-dot",
      type: "circle",
      source: "teams",
      filter: ["!=", ["get", "certainty"], "home"],
      paint: {
        "circle-radius": ["match", ["get", "certainty"], "stale", 5.2, 6.5],
        "circle-color": ["match", ["get", "certainty"], "stale", palette.halo, byStatus(palette)],
        "circle-stroke-width": ["match", ["get", "certainty"], "stale", 2.4, 2],
        "circle-stroke-color": ["match", ["get", "certainty"], "stale", byStatus(palette), palette.halo],
      },
    },
    {
      id: "teams-name",
      type: "symbol",
      source: "teams",
      layout: {
        "icon-image": ["match", ["get", "certainty"], "home", "house", ""],
        "icon-size": 0.5,
        "icon-allow-overlap": true,
        "icon-ignore-placement": true,
        "text-field": ["get", "label"],
        "text-font": FONTS,
        "text-size": 11.5,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.9,
        "text-optional": true,
        "text-max-width": 12,
        "symbol-sort-key": ["match", ["get", "status"], ["off_duty"], 3, ["on_patrol"], 2, 1],
      },
      paint: {
        "icon-color": byStatus(palette),
        "icon-halo-color": palette.halo,
        "icon-halo-width": 1,
        "text-color": palette.ink,
        "text-halo-color": palette.halo,
        "text-halo-width": 1.5,
        "text-opacity": ["match", ["get", "certainty"], "fresh", 1, 0.75],
      },
    },
  ],
};

/** Whether two boards look the same on the map. */
export function sameMarks(one: readonly TeamMark[], other: readonly TeamMark[]): boolean {
  const same = (a: TeamMark, b: TeamMark | undefined): boolean =>
    b !== undefined && (Object.keys(a) as (keyof TeamMark)[]).every((name) => a[name] === b[name]);
  return one.length === other.length && one.every((mark, index) => same(mark, other[index]));
}

/** Teams as features, each at the position it is drawn at now. */
export function teamFeatures(marks: readonly TeamMark[], at: (team: TeamMark) => readonly [number, number]): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: marks.map((mark) => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [...at(mark)] },
      properties: { team: mark.team, label: mark.label, status: mark.status, certainty: mark.certainty, selected: mark.selected },
    })),
  };
}
