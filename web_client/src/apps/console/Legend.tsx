/** What the signs on the map mean, and whose data it is. */
import type { ReactNode } from "react";
import type { GroundView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";

/** A line along the foot of the map. */
export function Legend({ ground }: { ground: GroundView | null }): ReactNode {
  const { t } = useUi();
  return (
    <footer className="legend">
      <span><i className="dot dot-on_patrol is-fresh" aria-hidden="true" />{t.legend.fresh}</span>
      <span><i className="dot dot-on_patrol is-stale" aria-hidden="true" />{t.legend.stale}</span>
      <span><i className="dot dot-on_patrol is-home" aria-hidden="true" />{t.legend.home}</span>
      <span><i className="rhomb t1" aria-hidden="true" />{t.tier.T1}</span>
      <span><i className="ringlet" aria-hidden="true" />{t.tier.T2}</span>
      <span className="head-gap" />
      {ground !== null && (
        <span className="soft" title={`${ground.licence}${ground.source_date === null ? "" : ` · ${ground.source_date}`}`}>
          {ground.source} · {ground.licence}
        </span>
      )}
    </footer>
  );
}
