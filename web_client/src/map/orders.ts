/** Order lines: from a team to its incident, dashed until it is accepted, with the road time beside it. */
import type { Brush } from "./overlay";
import { CANVAS_FONT } from "./style";

/** One order on the map; it begins where its team is drawn. */
export interface OrderLink {
  readonly order: string;
  readonly team: string;
  readonly label: string;
  readonly answered: boolean;
  readonly to: readonly [number, number];
}

/** A line shorter than this has no room for its label. */
const LABEL_FROM_PX = 60;
const BESIDE_PX = 7;

/** Draw a line for each order whose team is on the map: it says who goes where, not by which way. */
export function drawOrders(brush: Brush, links: readonly OrderLink[], at: (team: string) => { x: number; y: number } | null): void {
  const { ctx, palette, labels, ratio, project } = brush;
  for (const link of links) {
    const from = at(link.team);
    if (from === null) continue;
    const to = project(link.to);
    const colour = link.answered ? palette.line : palette.status.offered;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
    ctx.lineWidth = 2.2;
    ctx.strokeStyle = colour;
    ctx.setLineDash(link.answered ? [] : [6, 5]);
    ctx.stroke();
    ctx.setLineDash([]);
    if (Math.hypot(to.x - from.x, to.y - from.y) < LABEL_FROM_PX) continue;
    const style = { font: `11.5px ${CANVAS_FONT}`, ink: colour, halo: palette.halo };
    labels.draw(ctx, link.order, link.label, (from.x + to.x) / 2, (from.y + to.y) / 2, BESIDE_PX, style, ratio);
  }
}
