/** Roads by class: what the service routes on is what is seen. Tunnels are dashed, bridges lie above the rest. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from "maplibre-gl";
import { GROUND } from "./basemap";
import type { MapLayer } from "./layer";
import type { Palette } from "./style";

interface Band {
  readonly id: string;
  readonly classes: readonly string[];
  readonly colour: "road" | "roadMajor" | "roadTop";
  /** Below this zoom it is a plain line: a casing would be all that is seen of it. */
  readonly from: number;
  /** Line widths in pixels at zooms 9, 12, 14 and 17. */
  readonly widths: readonly [number, number, number, number];
}

/** From the least to the greatest, so that the greater is drawn above. */
const BANDS: readonly Band[] = [
  { id: "service", classes: ["service"], colour: "road", from: 14, widths: [0, 0.3, 1.2, 6.5] },
  { id: "minor", classes: ["living_street", "track", "unclassified", "residential", "road", "pedestrian"], colour: "road", from: 13, widths: [0.25, 0.9, 2.6, 11] },
  { id: "tertiary", classes: ["tertiary"], colour: "road", from: 12, widths: [0.5, 1.7, 4, 14] },
  { id: "secondary", classes: ["secondary"], colour: "roadMajor", from: 12, widths: [1, 2.4, 5, 17] },
  { id: "primary", classes: ["primary"], colour: "roadMajor", from: 11, widths: [1.4, 2.9, 6, 20] },
  { id: "top", classes: ["trunk", "motorway"], colour: "roadTop", from: 8, widths: [1.5, 3.6, 7, 23] },
];
const PATHS = ["footway", "path", "steps", "cycleway", "bridleway"];

/** A ramp is narrower than the road that it leads to. */
const RAMP = 0.6;

type Level = "tunnel" | "ground" | "bridge";
const LEVELS: readonly Level[] = ["tunnel", "ground", "bridge"];

function width(widths: Band["widths"], more: number): ExpressionSpecification {
  const [far, low, middle, near] = widths;
  const at = (px: number, casing: number): ExpressionSpecification => ["case", ["has", "link"], px * RAMP + casing, px + casing];
  return [
    "interpolate", ["exponential", 1.4], ["zoom"],
    9, at(far, more * 0.3), 12, at(low, more * 0.6), 14, at(middle, more), 17, at(near, more * 1.3),
  ];
}

function only(classes: readonly string[], level: Level): FilterSpecification {
  const [bridge, tunnel] = [["has", "bridge"], ["has", "tunnel"]] as const;
  const where: ExpressionSpecification =
    level === "bridge" ? [...bridge] : level === "tunnel" ? [...tunnel] : ["!", ["any", [...bridge], [...tunnel]]];
  return ["all", ["match", ["get", "class"], [...classes], true, false], where];
}

function casing(band: Band, level: Level, palette: Palette): LayerSpecification {
  const bridge = level === "bridge";
  return {
    id: `roads-${level}-${band.id}-casing`,
    type: "line",
    source: GROUND,
    "source-layer": "roads",
    minzoom: band.from,
    filter: only(band.classes, level),
    layout: { "line-cap": bridge ? "butt" : "round", "line-join": "round" },
    paint: {
      "line-color": bridge ? palette.bridge : palette.casing,
      "line-width": width(band.widths, bridge ? 2.4 : 1.5),
      ...(level === "tunnel" ? { "line-dasharray": [2.5, 1.5] } : {}),
    },
  };
}

function surface(band: Band, level: Level, palette: Palette): LayerSpecification {
  const far = { road: palette.roadFar, roadMajor: palette.roadMajorFar, roadTop: palette.roadTop }[band.colour];
  return {
    id: `roads-${level}-${band.id}`,
    type: "line",
    source: GROUND,
    "source-layer": "roads",
    filter: only(band.classes, level),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-color": ["step", ["zoom"], far, band.from, palette[band.colour]],
      "line-width": width(band.widths, 0),
      "line-opacity": level === "tunnel" ? 0.55 : 1,
    },
  };
}

function paths(palette: Palette): LayerSpecification {
  return {
    id: "roads-path",
    type: "line",
    source: GROUND,
    "source-layer": "roads",
    minzoom: 13.5,
    filter: ["match", ["get", "class"], PATHS, true, false],
    paint: { "line-color": palette.path, "line-width": ["interpolate", ["linear"], ["zoom"], 13.5, 0.8, 17, 2], "line-dasharray": [3, 2] },
  };
}

function rails(palette: Palette): LayerSpecification[] {
  const all = { type: "line", source: GROUND, "source-layer": "rails", filter: ["!", ["has", "tunnel"]] } as const;
  return [
    { ...all, filter: ["!", ["has", "tunnel"]], id: "rails", paint: { "line-color": palette.rail, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 17, 3] } },
    { ...all, filter: ["!", ["has", "tunnel"]], id: "rails-ties", minzoom: 14, paint: { "line-color": palette.rail, "line-width": ["interpolate", ["linear"], ["zoom"], 14, 4, 17, 9], "line-dasharray": [0.15, 2.2] } },
  ];
}

/** Small arrows where traffic runs one way only. */
function oneways(palette: Palette): LayerSpecification {
  return {
    id: "roads-oneway",
    type: "symbol",
    source: GROUND,
    "source-layer": "roads",
    minzoom: 15.5,
    filter: ["all", ["has", "oneway"], ["!", ["has", "drive"]]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 110,
      "icon-image": "arrow",
      "icon-size": ["interpolate", ["linear"], ["zoom"], 15.5, 0.3, 17, 0.42],
      "icon-rotate": ["case", ["==", ["get", "oneway"], -1], 180, 0],
      "icon-rotation-alignment": "map",
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
    paint: { "icon-color": palette.inkSoft, "icon-opacity": 0.7 },
  };
}

/** Paths, tunnels, then the casings of all classes, then their surfaces, then bridges. */
export const roads: MapLayer = {
  sources: {},
  layers: (palette) => [
    paths(palette),
    ...LEVELS.flatMap((level) => [
      ...BANDS.map((band) => casing(band, level, palette)),
      ...BANDS.map((band) => surface(band, level, palette)),
      ...(level === "ground" ? rails(palette) : []),
    ]),
    oneways(palette),
  ],
};
