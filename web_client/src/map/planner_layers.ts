/** What the planner draws over the ground: how often each cell of demand is covered, circles, and past incidents. */
import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import { CANVAS_FONT, type Palette } from "./style";

/** Demand as columns: degrees of longitude, Mercator northing in the same scale, tier 0…2, and the side of a cell. */
export interface Cells {
  readonly lon: Float64Array;
  readonly merc: Float64Array;
  readonly tier: Uint8Array;
  /** Weight above nothing: cells without demand are not drawn. */
  readonly some: Uint8Array;
  /** How many of the first are places, drawn as signs of their own. */
  readonly places: number;
  /** The side of a cell in degrees, by longitude and by latitude. */
  readonly cell_lon: number;
  readonly cell_lat: number;
}

/** `x = x0 + scale · lon`, `y = y0 − scale · northing`. */
export interface Projection {
  readonly scale: number;
  readonly x0: number;
  readonly y0: number;
}

/** What is drawn on. */
export interface Sheet {
  readonly ctx: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly width: number;
  readonly height: number;
  readonly at: Projection;
}

const METRES_PER_DEGREE = 111_320;
const DEGREE = Math.PI / 180;
const LEAST_PX = 2.5;
const CROSS_FROM_PX = 7;
const LEVELS = 3;

/** Colours of cells by how many posts reach them: none, one, two, three or more; told apart by lightness too. */
export function cellColours(palette: Palette): readonly [string, string, string, string] {
  return palette.look === "night"
    ? ["rgb(255 122 89 / 38%)", "rgb(79 184 196 / 14%)", "rgb(79 184 196 / 27%)", "rgb(79 184 196 / 42%)"]
    : ["rgb(200 66 24 / 34%)", "rgb(11 107 120 / 13%)", "rgb(11 107 120 / 25%)", "rgb(11 107 120 / 40%)"];
}

/** Steps of heat, few to many. */
export function heatColours(palette: Palette): readonly string[] {
  return palette.look === "night"
    ? ["rgb(90 60 130 / 70%)", "rgb(150 60 140 / 76%)", "rgb(214 80 100 / 82%)", "rgb(248 140 70 / 86%)", "rgb(252 222 120 / 92%)"]
    : ["rgb(252 210 130 / 72%)", "rgb(246 150 84 / 78%)", "rgb(216 88 84 / 82%)", "rgb(150 44 110 / 84%)", "rgb(74 20 100 / 88%)"];
}

/** The step of a count: 1 → 0, then by powers of two up to the last step. */
export function heatStep(count: number, steps: number): number {
  return Math.min(steps - 1, Math.floor(Math.log2(Math.max(1, count))));
}

/** Draw cells from `left` to `right` px; a cell that nobody reaches is crossed where there is room. */
export function drawCells(sheet: Sheet, cells: Cells, count: Uint8Array, left: number, right: number): void {
  const { ctx, palette } = sheet;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, 0, right - left, sheet.height);
  ctx.clip();
  const wide = Math.max(LEAST_PX, sheet.at.scale * cells.cell_lon);
  const colours = cellColours(palette);
  for (let level = 0; level <= LEVELS; level++) {
    ctx.fillStyle = colours[level] ?? "";
    const paint = (at: number, x: number, y: number): void => {
      if (at < cells.places || Math.min(LEVELS, count[at] ?? 0) !== level) return;
      box(ctx, x, y, wide, Math.max(LEAST_PX, sheet.at.scale * cells.cell_lat * Math.cosh((cells.merc[at] ?? 0) * DEGREE)));
    };
    eachCell(sheet, cells, wide, paint);
  }
  if (wide >= CROSS_FROM_PX) crossOut(sheet, cells, count, wide);
  drawPlaces(sheet, cells, count);
  ctx.restore();
}

/** On whole pixels, so that neighbours meet without a seam. */
function box(ctx: CanvasRenderingContext2D, x: number, y: number, wide: number, tall: number): void {
  const [left, top] = [Math.round(x - wide / 2), Math.round(y - tall / 2)];
  ctx.fillRect(left, top, Math.round(x + wide / 2) - left, Math.round(y + tall / 2) - top);
}

function crossOut(sheet: Sheet, cells: Cells, count: Uint8Array, side: number): void {
  const { ctx, palette } = sheet;
  const arm = side * 0.22;
  ctx.strokeStyle = palette.look === "night" ? "rgb(255 170 145 / 55%)" : "rgb(140 36 6 / 50%)";
  ctx.lineWidth = 1;
  ctx.beginPath();
  eachCell(sheet, cells, side, (at, x, y) => {
    if (at < cells.places || (count[at] ?? 0) > 0) return;
    ctx.moveTo(x - arm, y - arm);
    ctx.lineTo(x + arm, y + arm);
  });
  ctx.stroke();
}

/** Places: T1 a rhomb, T2 a ring, T3 a dot; one that nobody reaches in its time is ringed in red. */
function drawPlaces(sheet: Sheet, cells: Cells, count: Uint8Array): void {
  const { ctx, palette } = sheet;
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = palette.urgency.critical;
  ctx.beginPath();
  eachCell(sheet, cells, 20, (at, x, y) => {
    if (at >= cells.places || (count[at] ?? 0) > 0) return;
    ctx.moveTo(x + 8, y);
    ctx.arc(x, y, 8, 0, 2 * Math.PI);
  });
  ctx.stroke();
}

function eachCell(sheet: Sheet, cells: Cells, side: number, then: (at: number, x: number, y: number) => void): void {
  const { scale, x0, y0 } = sheet.at;
  for (let at = 0; at < cells.lon.length; at++) {
    if (cells.some[at] === 0) continue;
    const [x, y] = [x0 + scale * (cells.lon[at] ?? 0), y0 - scale * (cells.merc[at] ?? 0)];
    if (x > -side && y > -side && x < sheet.width + side && y < sheet.height + side) then(at, x, y);
  }
}

function sidePx(sheet: Sheet, cell_m: number, merc: number): number {
  const shrunk = Math.cosh(merc * DEGREE); // 1 / cos(latitude)
  return Math.max(LEAST_PX, (cell_m / METRES_PER_DEGREE) * shrunk * sheet.at.scale);
}

/** Draw past incidents by cells, few below many. */
export function drawHeat(
  sheet: Sheet,
  heat: { readonly lon: Float64Array; readonly merc: Float64Array; readonly count: Uint32Array; readonly cell_m: number },
): void {
  const { ctx } = sheet;
  const { scale, x0, y0 } = sheet.at;
  const side = Math.max(4, sidePx(sheet, heat.cell_m, heat.merc[0] ?? 0));
  const colours = heatColours(sheet.palette);
  for (const [step, colour] of colours.entries()) {
    ctx.fillStyle = colour;
    for (let at = 0; at < heat.lon.length; at++) {
      const count = heat.count[at] ?? 0;
      if (count === 0 || heatStep(count, colours.length) !== step) continue;
      const [x, y] = [x0 + scale * (heat.lon[at] ?? 0), y0 - scale * (heat.merc[at] ?? 0)];
      if (x > -side && y > -side && x < sheet.width + side && y < sheet.height + side) box(ctx, x, y, side, side);
    }
  }
}

/** Circles of reach, the widest first; drawn here so that a drag does not make the ground be drawn anew. */
export type Circles = FeatureCollection<Polygon | MultiPolygon, { minutes: number; limit_s: number }>;

/** Draw circles with a line each, and at the northernmost corner what `label` calls them. */
export function drawCircles(sheet: Sheet, circles: Circles, merc: (lat: number) => number, label: (minutes: number) => string): void {
  const { ctx, palette } = sheet;
  const { scale, x0, y0 } = sheet.at;
  const widest = [...circles.features].sort((a, b) => b.properties.limit_s - a.properties.limit_s);
  for (const [index, { geometry, properties }] of widest.entries()) {
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    let [topX, topY] = [0, Infinity];
    ctx.beginPath();
    for (const ring of rings) {
      for (const [at, corner] of ring.entries()) {
        const [x, y] = [x0 + scale * (corner[0] ?? 0), y0 - scale * merc(corner[1] ?? 0)];
        if (at === 0) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
        if (y < topY) [topX, topY] = [x, y];
      }
      ctx.closePath();
    }
    const tone = Math.min(2, widest.length - 1 - index);
    ctx.fillStyle = palette.circle[1];
    ctx.globalAlpha = 0.13;
    ctx.fill("evenodd");
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.circle[tone as 0 | 1 | 2];
    ctx.lineWidth = 2.2 - tone * 0.5;
    ctx.stroke();
    ctx.font = `600 12px ${CANVAS_FONT}`;
    Object.assign(ctx, { textAlign: "center", textBaseline: "bottom", lineWidth: 3, lineJoin: "round", strokeStyle: palette.halo, fillStyle: palette.circle[0] });
    ctx.strokeText(label(properties.minutes), topX, topY - 2);
    ctx.fillText(label(properties.minutes), topX, topY - 2);
  }
}
