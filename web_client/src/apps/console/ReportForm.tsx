/** Reporting an incident: where was clicked, or a place from the list; a repetition keeps its key. */
import { useCallback, useEffect, useId, useRef, useState, type ReactNode, type RefObject } from "react";
import { api } from "../../wire/api";
import type { IncidentKind, PlaceView, Urgency } from "../../wire/types.gen";
import { PlaceSearch } from "../shared/PlaceSearch";
import { useUi } from "../shared/ui";
import { ProblemNote } from "./ProblemNote";
import { useSend } from "./useSend";

const KINDS: readonly IncidentKind[] = ["dispute", "theft", "fight", "traffic", "fire", "missing", "alarm", "flood", "other"];
const URGENCIES: readonly Urgency[] = ["critical", "urgent", "routine"];

/** What the form begins with, and what it tells. */
export interface ReportFormProps {
  readonly at: readonly [number, number] | null;
  readonly places: readonly PlaceView[];
  /** Whether anything can be sent to the service now. */
  readonly live: boolean;
  /** Where the form stands over the map, or null in list mode. */
  readonly anchor: { readonly left: number; readonly top: number } | null;
  /** Where one looks: of equal matches the nearer place stands first. */
  near(): readonly [number, number] | null;
  /** Another place was chosen, perhaps beyond what is seen. */
  onMove(at: readonly [number, number]): void;
  onDone(incident: string): void;
  onCancel(): void;
}

/** The form as a popover beside the pin. */
export function ReportForm({ at, places, live, anchor, near, onMove, onDone, onCancel }: ReportFormProps): ReactNode {
  const { t } = useUi();
  const [what, setWhat] = useState<IncidentKind>("other"); // who says no kind has said none, and help does not wait for one
  const [urgency, setUrgency] = useState<Urgency>("urgent");
  const [note, setNote] = useState("");
  const [missing, setMissing] = useState(false);
  const form = useFocus(at);
  const [lon, lat] = at ?? [0, 0];
  const command = useCallback((key: string) => api.report({ key, lon, lat, what, urgency, note }), [lon, lat, what, urgency, note]);
  const { busy, problem, send } = useSend(command);
  const submit = async (): Promise<void> => {
    setMissing(at === null);
    if (at === null || !live) return;
    const done = await send();
    if (done !== null) onDone(done.subject);
  };
  return (
    <form
      ref={form}
      className={`card report${anchor === null ? " is-list" : ""}`}
      style={anchor === null ? {} : { left: anchor.left, top: anchor.top }}
      aria-label={t.report}
      onKeyDown={(event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <div className="card-head">
        <h2>{t.report}</h2>
        <button type="button" className="quiet" aria-label={t.closeCard} title={t.closeCard} onClick={onCancel}>×</button>
      </div>
      <Where at={at} places={places} near={near} onMove={onMove} />
      <Choices<IncidentKind> legend={t.reportForm.kind} names={t.kind} values={KINDS} value={what} onChange={setWhat} />
      <Choices<Urgency> legend={t.reportForm.urgency} names={t.urgency} values={URGENCIES} value={urgency} onChange={setUrgency} className="urgencies" />
      <Note note={note} onChange={setNote} />
      {missing && at === null && <p className="problem" role="alert"><b>{t.reportForm.noPlace}</b></p>}
      {problem !== null && <ProblemNote problem={problem} />}
      {!live && <p className="problem" role="status">{t.noContact}</p>}
      <div className="buttons">
        <button type="button" onClick={onCancel}>{t.reportForm.cancel}</button>
        <button type="submit" className="primary" disabled={busy || !live} title={live ? undefined : t.noContact}>
          {busy ? t.reportForm.sending : problem === null ? t.reportForm.send : t.reportForm.again}
        </button>
      </div>
    </form>
  );
}

/** The focus goes to the kind, where Enter reports and arrows choose; without a place to the search for one. Work in the form is left alone. */
function useFocus(at: readonly [number, number] | null): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (form.current === null || form.current.contains(document.activeElement)) return;
    form.current.querySelector<HTMLElement>(at === null ? "[role=combobox]" : "input:checked")?.focus({ preventScroll: true });
  }, [at]);
  return form;
}

function Where({ at, places, near, onMove }: Pick<ReportFormProps, "at" | "places" | "near" | "onMove">): ReactNode {
  const { t, english } = useUi();
  const field = useId();
  const chosen = places.find((place) => at !== null && place.lon === at[0] && place.lat === at[1]);
  const name = (place: PlaceView): string => (english && place.name_en !== "" ? place.name_en : place.name);
  return (
    <div className="field">
      <label htmlFor={field}>{t.reportForm.where}</label>
      <div onKeyDown={(event) => void (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.preventDefault())}>
        <PlaceSearch near={near} onChoose={(found) => onMove([found.lon, found.lat])} />
      </div>
      <select
        id={field}
        value={chosen?.place ?? ""}
        onChange={(event) => {
          const place = places.find((one) => one.place === event.target.value);
          if (place !== undefined) onMove([place.lon, place.lat]);
        }}
      >
        <option value="">{at === null ? t.reportForm.atPlace : `${t.reportForm.atPoint} ${at[1].toFixed(5)}, ${at[0].toFixed(5)}`}</option>
        {places.map((place) => (
          <option key={place.place} value={place.place}>{`${place.tier} ${name(place)}`}</option>
        ))}
      </select>
    </div>
  );
}

interface ChoicesProps<Value extends string> {
  readonly legend: string;
  readonly names: Readonly<Record<Value, string>>;
  readonly values: readonly Value[];
  readonly value: Value;
  readonly className?: string;
  onChange(value: Value): void;
}

function Choices<Value extends string>({ legend, names, values, value, className, onChange }: ChoicesProps<Value>): ReactNode {
  const group = useId();
  return (
    <fieldset className={`choices ${className ?? ""}`}>
      <legend>{legend}</legend>
      {values.map((one) => (
        <label key={one} className={one === value ? `choice choice-${one} is-on` : `choice choice-${one}`}>
          <input type="radio" name={group} value={one} checked={one === value} onChange={() => onChange(one)} />
          {names[one]}
        </label>
      ))}
    </fieldset>
  );
}

function Note({ note, onChange }: { note: string; onChange(note: string): void }): ReactNode {
  const { t } = useUi();
  const field = useId();
  return (
    <label className="field" htmlFor={field}>
      <span>{t.reportForm.note}</span>
      <textarea id={field} rows={2} maxLength={2000} value={note} placeholder={t.reportForm.noteHint} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
