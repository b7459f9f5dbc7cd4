/** The ground's own names: along roads and rivers, of places, drawn with the bundled typeface. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, SymbolLayerSpecification } from "maplibre-gl";
import { GROUND } from "./basemap";
import type { MapLayer } from "./layer";
import { FONTS, type Palette } from "./style";

const TOWNS = ["city", "town"];
const VILLAGES = ["suburb", "village", "quarter"];
const SMALL = ["hamlet", "neighbourhood"];
const GREEN = ["park", "peak", "water"];
const MAJOR = ["motorway", "trunk", "primary", "secondary"];

/** A name in the user's language; English where there is one. */
export function nameIn(english: boolean): ExpressionSpecification {
  return english ? ["coalesce", ["get", "name_en"], ["get", "name"], ""] : ["coalesce", ["get", "name"], ["get", "name_en"], ""];
}

function along(id: string, layer: string, minzoom: number, filter: FilterSpecification, ink: string, palette: Palette, english: boolean): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: GROUND,
    "source-layer": layer,
    minzoom,
    filter: ["all", ["has", "name"], filter as ExpressionSpecification],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 320,
      "text-field": nameIn(english),
      "text-font": FONTS,
      "text-size": ["interpolate", ["linear"], ["zoom"], 12, 10.5, 17, 14],
      "text-letter-spacing": english ? 0.02 : 0.08,
      "text-max-angle": 35,
      "text-padding": 4,
    },
    paint: { "text-color": ink, "text-halo-color": palette.halo, "text-halo-width": 1.6 },
  };
}

/** How far above its point the name of a settlement stands, in ems. */
export const ABOVE_EM = 0.7;
/** A name is broken into lines of so many ems. */
export const WIDEST_EM = 8;

/** Text sizes of settlements at zoom 10 and 16, by layer; they stand above their points, so that others know where (written.ts). */
export const SETTLEMENTS = { "names-small": [10, 12.5], "names-village": [11, 15], "names-town": [13, 18] } as const;

function settlement(id: keyof typeof SETTLEMENTS, minzoom: number, kinds: readonly string[], ink: string, palette: Palette, english: boolean): LayerSpecification {
  return spots(id, minzoom, kinds, SETTLEMENTS[id], ink, palette, english, { "text-anchor": "bottom", "text-offset": [0, -ABOVE_EM] });
}

function spots(id: string, minzoom: number, kinds: readonly string[], size: readonly [number, number], ink: string, palette: Palette, english: boolean, stand: SymbolLayerSpecification["layout"]): LayerSpecification {
  return {
    id,
    type: "symbol",
    source: GROUND,
    "source-layer": "names",
    minzoom,
    filter: ["match", ["get", "kind"], [...kinds], true, false],
    layout: {
      "text-field": nameIn(english),
      "text-font": FONTS,
      "text-size": ["interpolate", ["linear"], ["zoom"], 10, size[0], 16, size[1]],
      "text-max-width": WIDEST_EM,
      "text-padding": 6,
      "text-letter-spacing": english ? 0 : 0.06,
      ...stand,
    },
    paint: { "text-color": ink, "text-halo-color": palette.halo, "text-halo-width": 1.8 },
  };
}

/** What is no village, park or road: a dot with its name beside it, seen close by. */
function points(palette: Palette, english: boolean): LayerSpecification[] {
  const others: FilterSpecification = ["match", ["get", "kind"], [...TOWNS, ...VILLAGES, ...SMALL, ...GREEN], false, true];
  const all = { source: GROUND, "source-layer": "names", minzoom: 15, filter: others } as const;
  return [
    { ...all, id: "names-dot", type: "circle", filter: others, paint: { "circle-radius": 1.8, "circle-color": palette.inkSoft, "circle-stroke-width": 1, "circle-stroke-color": palette.halo } },
    {
      ...all,
      id: "names-point",
      type: "symbol",
      filter: others,
      layout: {
        "text-field": nameIn(english),
        "text-font": FONTS,
        "text-size": 11,
        "text-max-width": 8,
        "text-padding": 4,
        "text-variable-anchor": ["left", "right", "top", "bottom"],
        "text-radial-offset": 0.5,
        "text-justify": "auto",
      },
      paint: { "text-color": palette.inkSoft, "text-halo-color": palette.halo, "text-halo-width": 1.5 },
    },
  ];
}

/** The numbers of great roads, upright. */
function numbers(palette: Palette): LayerSpecification {
  return {
    id: "names-ref",
    type: "symbol",
    source: GROUND,
    "source-layer": "roads",
    minzoom: 10,
    filter: ["all", ["has", "ref"], ["match", ["get", "class"], ["motorway", "trunk", "primary"], true, false]],
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 420,
      "text-field": ["get", "ref"],
      "text-font": FONTS,
      "text-size": 10,
      "text-rotation-alignment": "viewport",
      "text-padding": 24,
    },
    paint: { "text-color": palette.refInk, "text-halo-color": palette.refGround, "text-halo-width": 3 },
  };
}

/** Room for the names of our own places, which are drawn above the map (places.ts): roads are named around them. */
export function roomFor(source: string): LayerSpecification {
  return {
    id: "names-room",
    type: "symbol",
    source,
    minzoom: 11,
    filter: ["any", ["==", ["get", "tier"], "T1"], [">=", ["zoom"], 13.2]],
    layout: {
      "text-field": ["concat", "●", ["get", "name"]],
      "text-font": FONTS,
      "text-size": 12,
      "text-max-width": 40,
      "text-anchor": "left",
      "text-offset": [-0.5, 0],
      "text-allow-overlap": true,
    },
    paint: { "text-opacity": 0 },
  };
}

/** Every name of the ground; the last to be laid out has the first right to its place. */
export function namesIn(english: boolean): MapLayer {
  return {
    sources: {},
    layers: (palette) => [
      along("names-minor", "roads", 14.6, ["match", ["get", "class"], MAJOR, false, true], palette.inkSoft, palette, english),
      ...points(palette, english),
      spots("names-green", 13.5, GREEN, [10, 12], palette.greenInk, palette, english, { "text-variable-anchor": ["bottom", "top", "left", "right"], "text-radial-offset": ABOVE_EM }),
      along("names-water", "waterways", 12, ["!=", ["get", "kind"], "stream"], palette.waterInk, palette, english),
      numbers(palette),
      along("names-major", "roads", 12, ["match", ["get", "class"], MAJOR, true, false], palette.ink, palette, english),
      settlement("names-small", 13, SMALL, palette.inkSoft, palette, english),
      settlement("names-village", 9.5, VILLAGES, palette.ink, palette, english),
      settlement("names-town", 8, TOWNS, palette.ink, palette, english),
    ],
  };
}
