/** Open incidents: a badge in the colour of its urgency with the mark of its kind. */
import type { Urgency } from "../wire/types.gen";
import { inSight, type Brush } from "./overlay";
import { CANVAS_FONT, type Palette } from "./style";

/** One incident on the map; `mark` is one or two letters. */
export interface IncidentMark {
  readonly incident: string;
  readonly mark: string;
  readonly label: string;
  readonly lon: number;
  readonly lat: number;
  readonly urgency: Urgency;
  /** Somebody is there: the rim of the badge takes the colour of a team on the scene. */
  readonly attended: boolean;
  readonly selected: boolean;
  /** A patrol that itself needs help: larger than any other badge, with rings around it. */
  readonly sos: boolean;
}

const RADIUS = 11;
const SOS_RADIUS = 15;
const SOS_RINGS = [21, 28, 36] as const;
const LARGE_PX = 23;
const LARGEST_PX = 38;

/** Keep the badges free of names. */
export function reserveIncidents(brush: Brush, marks: readonly IncidentMark[]): void {
  for (const mark of marks) {
    const { x, y } = brush.project([mark.lon, mark.lat]);
    if (inSight(brush, { x, y })) brush.labels.reserve(mark.incident, x, y, radiusOf(mark));
  }
}

/** Lay the names of incidents out, the gravest first. */
export function nameIncidents(brush: Brush, marks: readonly IncidentMark[]): void {
  const { palette, labels, ratio, project } = brush;
  for (const mark of marks) {
    const spot = project([mark.lon, mark.lat]);
    if (!inSight(brush, spot)) continue;
    const style = { font: `600 12px ${CANVAS_FONT}`, ink: palette.urgency[mark.urgency], halo: palette.halo };
    labels.lay({ key: mark.incident, text: mark.sos ? `SOS ${mark.label}` : mark.label, ...spot, gap: radiusOf(mark) + 3, style, must: mark.selected || mark.sos }, ratio);
  }
}

/** Draw the badges; the least urgent first, so that the gravest lies on top. */
export function drawIncidents(brush: Brush, marks: readonly IncidentMark[]): void {
  const { ctx, palette, stamps, ratio, project } = brush;
  for (let number = marks.length - 1; number >= 0; number -= 1) {
    const mark = marks[number];
    if (mark === undefined) continue;
    const { x, y } = project([mark.lon, mark.lat]);
    if (!inSight(brush, { x, y })) continue;
    const key = `incident ${palette.look} ${mark.urgency} ${mark.mark} ${mark.attended} ${mark.selected} ${mark.sos}`;
    stamps.put(ctx, ratio, key, mark.sos ? LARGEST_PX : LARGE_PX, (at) => drawBadge(at, mark, palette), x, y);
  }
}

function drawBadge(ctx: CanvasRenderingContext2D, mark: IncidentMark, palette: Palette): void {
  const colour = palette.urgency[mark.urgency];
  disc(ctx, 0, 0, mark.selected ? 21 : 17);
  ctx.fillStyle = `${colour}${mark.selected ? "47" : "2b"}`;
  ctx.fill();
  if (mark.sos) rings(ctx, colour);
  disc(ctx, 0, 0, radiusOf(mark));
  ctx.fillStyle = colour;
  ctx.fill();
  ctx.lineWidth = mark.attended ? 3.5 : 2;
  ctx.strokeStyle = mark.attended ? palette.status.on_scene : palette.halo;
  ctx.stroke();
  ctx.font = `600 ${mark.sos || mark.mark.length > 1 ? 11 : 12}px ${CANVAS_FONT}`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = palette.look === "night" ? "#10171d" : "#ffffff";
  ctx.fillText(mark.sos ? "SOS" : mark.mark, 0, 0.5);
}

/** The incident whose badge is at a point, or null. */
export function incidentAt(marks: readonly IncidentMark[], x: number, y: number, project: Brush["project"]): string | null {
  const hit = marks.find((mark) => {
    const spot = project([mark.lon, mark.lat]);
    return Math.hypot(spot.x - x, spot.y - y) <= radiusOf(mark) + 2;
  });
  return hit?.incident ?? null;
}

function radiusOf(mark: IncidentMark): number {
  return mark.sos ? SOS_RADIUS : RADIUS;
}

function rings(ctx: CanvasRenderingContext2D, colour: string): void {
  ctx.strokeStyle = colour;
  for (const [step, radius] of SOS_RINGS.entries()) {
    disc(ctx, 0, 0, radius);
    ctx.lineWidth = 3 - step;
    ctx.stroke();
  }
}

function disc(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
}
