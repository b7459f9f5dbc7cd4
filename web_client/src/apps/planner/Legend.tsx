import type { ReactNode } from "react";
import { fill } from "../../i18n";
import { cellColours, heatColours } from "../../map/planner_layers";
import { useUi } from "../shared/ui";
import type { HeatDesk } from "./HeatTab";
import type { Tab } from "./usePlanner";
import { useWords } from "./words";

/** What the colours over the ground mean, and whose the roads are. */
export function Legend({ tab, heat, licence, label }: { tab: Tab; heat: HeatDesk; licence: string; label: string }): ReactNode {
  const w = useWords();
  const { palette } = useUi();
  const colours = cellColours(palette);
  const steps = heatColours(palette);
  return (
    <div className="legend" aria-label={label}>
      {(tab === "cover" || tab === "gaps") &&
        (["none", "one", "two", "three"] as const).map((name, level) => (
          <span key={name}><i className={`swatch${level === 0 ? " is-crossed" : ""}`} style={{ background: colours[level] }} aria-hidden="true" />{w.cover.legend[name]}</span>
        ))}
      {tab === "heat" && heat.view !== null && (
        <span>
          {fill(w.heat.legend, { metres: Math.round(heat.view.cell_m) })}
          {steps.map((colour, step) => (
            <span key={colour}><i className="swatch" style={{ background: colour }} aria-hidden="true" />{step === steps.length - 1 ? `≥${2 ** step}` : step === 0 ? "1" : `${2 ** step}–${2 ** (step + 1) - 1}`}</span>
          ))}
        </span>
      )}
      <span className="licence">{licence}</span>
    </div>
  );
}
