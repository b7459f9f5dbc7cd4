/** Two quiet looks of our own, day and night: the ground's colours, and the colours of states that map and lists share. */
import type { StyleSpecification } from "maplibre-gl";
import type { TeamStatus } from "../model/derive";
import type { Urgency } from "../wire/types.gen";

/** Which look is on. */
export type Look = "day" | "night";

/** Every colour the map uses. */
export interface Palette {
  readonly look: Look;
  readonly land: string;
  readonly built: string;
  readonly industrial: string;
  readonly forest: string;
  readonly park: string;
  readonly farmland: string;
  readonly school: string;
  readonly bare: string;
  readonly building: string;
  readonly buildingEdge: string;
  readonly water: string;
  readonly casing: string;
  /** A road too thin to have a casing. */
  readonly roadFar: string;
  readonly road: string;
  readonly roadMajorFar: string;
  readonly roadMajor: string;
  readonly roadTop: string;
  readonly bridge: string;
  readonly path: string;
  readonly rail: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly halo: string;
  readonly waterInk: string;
  readonly greenInk: string;
  readonly refInk: string;
  readonly refGround: string;
  readonly circle: readonly [string, string, string];
  readonly line: string;
  readonly select: string;
  readonly t1: string;
  readonly t2: string;
  readonly status: Readonly<Record<TeamStatus, string>>;
  readonly urgency: Readonly<Record<Urgency, string>>;
}

const DAY: Palette = {
  look: "day",
  land: "#f2f2ee",
  built: "#e8e7e0",
  industrial: "#e4e2ea",
  forest: "#cfe0c8",
  park: "#dbe9d0",
  farmland: "#ecefdf",
  school: "#ece6dc",
  bare: "#e6e2d8",
  building: "#d9d6cd",
  buildingEdge: "#c3bfb4",
  water: "#a9cbe0",
  casing: "#a4adaf",
  roadFar: "#a9b1b2",
  road: "#ffffff",
  roadMajorFar: "#dfb65c",
  roadMajor: "#fde9b0",
  roadTop: "#f3c374",
  bridge: "#7d878a",
  path: "#a39c86",
  rail: "#8f8f98",
  ink: "#27313a",
  inkSoft: "#59656f",
  halo: "#f7f8f5",
  waterInk: "#1f5a80",
  greenInk: "#3a6436",
  refInk: "#6b4a0c",
  refGround: "#fdf1cf",
  circle: ["#0b6b78", "#2a8c98", "#57a9b2"],
  line: "#2a4fb8",
  select: "#0b6b78",
  t1: "#a3195b",
  t2: "#6a5a9c",
  status: {
    off_duty: "#838c95",
    on_patrol: "#0f7b6c",
    standby: "#0b6b78",
    on_task: "#56702a",
    offered: "#c77700",
    accepted: "#3b7dd8",
    en_route: "#1f4fc4",
    on_scene: "#7a3fb8",
    reported_back: "#5f6584",
  },
  urgency: { critical: "#c4122f", urgent: "#ab5a00", routine: "#3a6a8c" },
};

const NIGHT: Palette = {
  look: "night",
  land: "#11181e",
  built: "#171f27",
  industrial: "#1b212d",
  forest: "#12241f",
  park: "#142822",
  farmland: "#131d1e",
  school: "#1e2126",
  bare: "#1b1f22",
  building: "#202a33",
  buildingEdge: "#2b3742",
  water: "#163448",
  casing: "#0a0f13",
  roadFar: "#37444f",
  road: "#36434e",
  roadMajorFar: "#6a6747",
  roadMajor: "#55543f",
  roadTop: "#715f33",
  bridge: "#6d7983",
  path: "#46535e",
  rail: "#4b5560",
  ink: "#dbe3ea",
  inkSoft: "#97a5b1",
  halo: "#10171d",
  waterInk: "#86b9da",
  greenInk: "#8fbd92",
  refInk: "#e6c98a",
  refGround: "#332a14",
  circle: ["#7fe0ea", "#4fb8c4", "#348e9a"],
  line: "#7ea6ff",
  select: "#7fe0ea",
  t1: "#ff86b6",
  t2: "#b9a6f2",
  status: {
    off_duty: "#6f7b86",
    on_patrol: "#3fc4ae",
    standby: "#5cc3d0",
    on_task: "#a9c46c",
    offered: "#f0a83a",
    accepted: "#8fbaff",
    en_route: "#6397ff",
    on_scene: "#c493ff",
    reported_back: "#a3a8cc",
  },
  urgency: { critical: "#ff6474", urgent: "#ffad42", routine: "#86b8da" },
};

/** The palette of a look. */
export function paletteOf(look: Look): Palette {
  return look === "night" ? NIGHT : DAY;
}

/** The look to begin with: address bar, then the last choice, then the system's. */
export function firstLook(search: string, kept: string | null, systemIsDark: boolean): Look {
  const asked = new URLSearchParams(search).get("style");
  for (const wish of [asked, kept]) if (wish === "day" || wish === "night") return wish;
  return systemIsDark ? "night" : "day";
}

/** The bundled typeface (fonts.ts), then those of the machine: with `glyphs` left out of the style, all text is drawn locally. */
export const FONTS = ["Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"];

/** The same for a canvas. */
export const CANVAS_FONT = FONTS.map((font) => (font.includes(" ") ? `"${font}"` : font)).join(", ");

/** The style before any layer is added; it names no address. */
export function emptyStyle(palette: Palette): StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "land", type: "background", paint: { "background-color": palette.land } }],
    transition: { duration: 0, delay: 0 },
  };
}
