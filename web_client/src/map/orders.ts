/** Order lines: from a team to its incident, dashed until it is accepted, with the road time beside it. */
import { inSight, type Brush } from "./overlay";
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

/** Where along the line a label may stand, the best first. */
const SHARES = [0.5, 0.36, 0.64] as const;

/** Where a team is drawn, or null where it is not on the map. */
export type SpotOf = (team: string) => { x: number; y: number } | null;

/** Draw a line for each order whose team is on the map: it says who goes where, not by which way. */
export function drawOrders(brush: Brush, links: readonly OrderLink[], at: SpotOf): void {
  const { ctx, project } = brush;
  for (const link of links) {
    const from = at(link.team);
    if (from === null) continue;
    const to = project(link.to);
    if (!inSight(brush, from) && !inSight(brush, to)) continue;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
    ctx.lineWidth = 2.2;
    ctx.strokeStyle = colourOf(brush, link);
    ctx.setLineDash(link.answered ? [] : [6, 5]);
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

/** Lay the road times out along their lines, off every sign; a line without room goes without. */
export function nameOrders(brush: Brush, links: readonly OrderLink[], at: SpotOf): void {
  const { labels, palette, ratio, project } = brush;
  for (const link of links) {
    const from = at(link.team);
    const to = project(link.to);
    if (from === null || Math.hypot(to.x - from.x, to.y - from.y) < LABEL_FROM_PX) continue;
    const style = { font: `11.5px ${CANVAS_FONT}`, ink: colourOf(brush, link), halo: palette.halo };
    for (const share of SHARES) {
      const [x, y] = [from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share];
      if (!inSight(brush, { x, y })) continue;
      if (labels.lay({ key: `${link.order} ${share}`, text: link.label, x, y, gap: BESIDE_PX, style }, ratio)) break;
    }
  }
}

function colourOf({ palette }: Brush, link: OrderLink): string {
  return link.answered ? palette.line : palette.status.offered;
}
