/** What the signs on the map mean, and whose data it is. */
import type { ReactNode } from "react";
import type { GroundView } from "../../wire/types.gen";
import { licenceOf } from "../shared/names";
import { useUi } from "../shared/ui";

/** A line along the foot of the map. */
export function Legend({ ground, cover }: { ground: GroundView | null; cover: boolean }): ReactNode {
  const { t } = useUi();
  return (
    <footer className="legend">
      <span><i className="dot dot-on_patrol is-fresh" aria-hidden="true" />{t.legend.fresh}</span>
      <span><i className="dot dot-on_patrol is-stale" aria-hidden="true" />{t.legend.stale}</span>
      <span><i className="dot dot-on_patrol is-home" aria-hidden="true" />{t.legend.home}</span>
      <span><i className="dot dot-off_duty is-home" aria-hidden="true" />{t.teamStatus.off_duty}</span>
      <span><i className="offline" aria-hidden="true" />{t.desk.legendOffline}</span>
      <span><i className="badge-sign" aria-hidden="true" />{t.desk.legendIncident}</span>
      <span><i className="rhomb t1" aria-hidden="true" />{t.tier.T1}</span>
      <span><i className="ringlet" aria-hidden="true" />{t.tier.T2}</span>
      {cover && <span><i className="hatch" aria-hidden="true" />{t.desk.legendUncovered}</span>}
      <span className="head-gap" />
      {ground !== null && (
        <span className="soft" title={`${ground.licence}${ground.source_date === null ? "" : ` · ${ground.source_date}`}`}>
          {licenceOf(t, ground)}
        </span>
      )}
    </footer>
  );
}
