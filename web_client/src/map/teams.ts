/** Teams: filled where the fix is fresh, hollow where it is stale, a little house where there is none. */
import { isFree, type TeamStatus } from "../model/derive";
import { inSight, type Brush } from "./overlay";
import { CANVAS_FONT } from "./style";

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

/** Where a team is drawn, in pixels. */
export type TeamSpot = TeamMark & { readonly x: number; readonly y: number };

const RADIUS = 6.5;
const SELECTED_RADIUS = 13;
/** A team on the scene stands beside its incident, not on it. */
const BESIDE = { x: 13, y: -11 };

/** Whether two boards look the same on the map. */
export function sameMarks(one: readonly TeamMark[], other: readonly TeamMark[]): boolean {
  const same = (a: TeamMark, b: TeamMark | undefined): boolean =>
    b !== undefined && (Object.keys(a) as (keyof TeamMark)[]).every((name) => a[name] === b[name]);
  return one.length === other.length && one.every((mark, index) => same(mark, other[index]));
}

/** Where each team is drawn, the selected one last so that it lies on top. */
export function teamSpots(marks: readonly TeamMark[], at: (mark: TeamMark) => { x: number; y: number }): TeamSpot[] {
  const there = (mark: TeamMark): boolean => mark.status === "on_scene" || mark.status === "reported_back";
  return marks
    .map((mark) => {
      const { x, y } = at(mark);
      return there(mark) ? { ...mark, x: x + BESIDE.x, y: y + BESIDE.y } : { ...mark, x, y };
    })
    .sort((a, b) => Number(a.selected) - Number(b.selected));
}

/** Whether any team has visibly moved: a picture that differs by less than a pixel is not worth drawing anew. */
export function visiblyMoved(before: readonly TeamSpot[], now: readonly TeamSpot[]): boolean {
  return before.length !== now.length || now.some((spot, index) => {
    const held = before[index];
    return held === undefined || held.team !== spot.team || Math.abs(held.x - spot.x) >= 1 || Math.abs(held.y - spot.y) >= 1;
  });
}

/** Whether a team's name comes before those of places and free teams: it is selected, or under way for an order. */
export function comesFirst(mark: TeamMark): boolean {
  return mark.selected || (!isFree(mark.status) && mark.status !== "off_duty");
}

/** Keep the signs free of names. */
export function reserveTeams(brush: Brush, spots: readonly TeamSpot[]): void {
  for (const spot of spots) if (inSight(brush, spot)) brush.labels.reserve(spot.team, spot.x, spot.y, RADIUS + 1, true);
}

/** Lay the names out of teams that come first, or of the others; a team that comes first is never without its name. */
export function nameTeams(brush: Brush, spots: readonly TeamSpot[], first: boolean): void {
  const { palette, labels, ratio } = brush;
  const weight = (spot: TeamSpot): number => (spot.selected ? 0 : spot.status === "off_duty" ? 2 : 1);
  const named = spots.filter((spot) => comesFirst(spot) === first && inSight(brush, spot)).sort((a, b) => weight(a) - weight(b));
  for (const spot of named) {
    const ink = spot.certainty === "fresh" ? palette.ink : palette.inkSoft;
    const style = { font: `${first ? "600 " : ""}12px ${CANVAS_FONT}`, ink, halo: palette.halo };
    const gap = spot.selected ? SELECTED_RADIUS + 1 : RADIUS + 2;
    labels.lay({ key: spot.team, text: spot.label, x: spot.x, y: spot.y, gap, style, must: first }, ratio);
  }
}

/** Draw the signs of all teams. */
export function drawTeams(brush: Brush, spots: readonly TeamSpot[]): void {
  const { ctx, palette, stamps, ratio } = brush;
  const { halo, select } = palette;
  for (const spot of spots) {
    if (!inSight(brush, spot)) continue;
    const { x, y, certainty, selected } = spot;
    const colour = palette.status[spot.status];
    stamps.put(ctx, ratio, `team ${colour} ${halo} ${select} ${certainty} ${selected}`, SELECTED_RADIUS + 2, (at) => drawSign(at, { x: 0, y: 0, certainty, selected }, colour, halo, select), x, y);
  }
}

function drawSign(ctx: CanvasRenderingContext2D, spot: Pick<TeamSpot, "x" | "y" | "certainty" | "selected">, colour: string, halo: string, select: string): void {
  const { x, y } = spot;
  if (spot.selected) {
    disc(ctx, x, y, SELECTED_RADIUS);
    ctx.fillStyle = `${select}38`;
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = select;
    ctx.stroke();
  }
  if (spot.certainty === "home") {
    house(ctx, x, y);
    ctx.fillStyle = colour;
    ctx.lineWidth = 3;
    ctx.strokeStyle = halo;
    ctx.stroke();
    ctx.fill();
    return;
  }
  const fresh = spot.certainty === "fresh";
  disc(ctx, x, y, fresh ? RADIUS + 2 : RADIUS + 1.5);
  ctx.fillStyle = halo;
  ctx.fill();
  disc(ctx, x, y, fresh ? RADIUS : RADIUS - 1.2);
  ctx.fillStyle = colour;
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2.4;
  if (fresh) ctx.fill();
  else ctx.stroke();
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
}

function house(ctx: CanvasRenderingContext2D, x: number, y: number): void {
  ctx.beginPath();
  for (const [dx, dy] of [[0, -8], [8, -1], [5.5, -1], [5.5, 7], [-5.5, 7], [-5.5, -1], [-8, -1]] as const) ctx.lineTo(x + dx, y + dy);
  ctx.closePath();
}
