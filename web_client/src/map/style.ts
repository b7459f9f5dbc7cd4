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
  readonly water: string;
  readonly casing: string;
  readonly road: string;
  readonly roadMajor: string;
  readonly roadTop: string;
  readonly path: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly halo: string;
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
  land: "#eff0ec",
  built: "#e5e5de",
  industrial: "#e3e2e8",
  forest: "#d9e5d2",
  water: "#b9d4e3",
  casing: "#bfc5c4",
  road: "#ffffff",
  roadMajor: "#fbeec6",
  roadTop: "#f0d08c",
  path: "#c2bfb2",
  ink: "#27313a",
  inkSoft: "#59656f",
  halo: "#f7f8f5",
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
  land: "#10171d",
  built: "#161e26",
  industrial: "#191f2b",
  forest: "#12211d",
  water: "#14303f",
  casing: "#0c1217",
  road: "#2b3742",
  roadMajor: "#3a4650",
  roadTop: "#5a5138",
  path: "#28333c",
  ink: "#dbe3ea",
  inkSoft: "#97a5b1",
  halo: "#10171d",
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

/** Fonts of the machine itself: with `glyphs` left out of the style, all text is drawn locally. */
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
