/** The live cover in one line over the foot of the map, and the list of gaps on request. */
import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { span } from "../../i18n/format";
import type { PlaceView, UncoveredPlace } from "../../wire/types.gen";
import { placeName } from "../shared/names";
import type { Coverage } from "../shared/useCoverage";
import { useUi } from "../shared/ui";

const OLD_MS = 15_000;
const MOST_GAPS = 12;

interface Props {
  readonly coverage: Coverage | null;
  readonly now_ms: number;
  readonly places: readonly PlaceView[];
  readonly shown: boolean;
  onToggle(): void;
  onShow(lon: number, lat: number): void;
}

/** Places by tier and streets by target; red where something is not covered. */
export function CoverStrip({ coverage, now_ms, places, shown, onToggle, onShow }: Props): ReactNode {
  const { t } = useUi();
  if (coverage === null) return null;
  const { picture } = coverage.view;
  const age_ms = now_ms - coverage.heard_ms;
  const words = t.desk.cover;
  return (
    <section className={`cover${age_ms > OLD_MS ? " is-old" : ""}`} aria-label={words.title}>
      <button type="button" className="quiet" aria-pressed={shown} onClick={onToggle} title={shown ? words.hide : words.show}>
        <b>{words.title}</b> <kbd>V</kbd>
      </button>
      {picture.tiers.filter((row) => row.places > 0).map((row) => (
        <span key={row.tier} className={row.once < row.places ? "bad" : "good"} title={t.tier[row.tier]}>
          {t.tier[row.tier]} {row.once}/{row.places}
        </span>
      ))}
      {picture.streets.map((row) => (
        <span key={row.limit_ms} className="soft">
          {fill(words.streets, { limit: span(t, row.limit_ms) })} {row.all_m === 0 ? "–" : `${Math.floor((100 * row.covered_m) / row.all_m)}%`}
        </span>
      ))}
      {age_ms > OLD_MS && <b className="bad">{fill(words.old, { age: span(t, age_ms) })}</b>}
      {picture.n_uncovered > 0 && <Gaps places={places} uncovered={picture.uncovered} total={picture.n_uncovered} onShow={onShow} />}
    </section>
  );
}

function Gaps({ places, uncovered, total, onShow }: { places: readonly PlaceView[]; uncovered: readonly UncoveredPlace[]; total: number; onShow(lon: number, lat: number): void }): ReactNode {
  const { t, english } = useUi();
  const words = t.desk.cover;
  return (
    <details className="gaps">
      <summary className="bad">{words.gaps} {total}</summary>
      <ul>
        {uncovered.slice(0, MOST_GAPS).map((gap) => (
          <li key={gap.place}>
            <button type="button" className="plain" onClick={() => onShow(gap.lon, gap.lat)}>
              <em className={`tier tier-${gap.tier}`}>{gap.tier}</em> {placeName(places, gap.place, gap.name, english)}{" "}
              <span className="soft">
                {gap.nearest_ms === null ? words.nobody : fill(words.nearest, { time: span(t, gap.nearest_ms), target: span(t, gap.target_ms) })}
              </span>
            </button>
          </li>
        ))}
        {total > MOST_GAPS && <li className="soft">{fill(t.desk.advice.holeMore, { count: total - MOST_GAPS })}</li>}
      </ul>
    </details>
  );
}
