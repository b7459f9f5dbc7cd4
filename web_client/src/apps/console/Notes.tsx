/** Notes of an incident; one is added without opening anything. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { timeOfDay } from "../../i18n/format";
import { photosNoted } from "../../model/incidents";
import { orders } from "../../wire/api";
import type { Incident } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { Wish } from "./useRun";

const MOST_LETTERS = 300;

interface Props {
  readonly incident: Incident;
  readonly live: boolean;
  readonly focus: boolean;
  onDone(): void;
  run(what: string, wish: Wish): Promise<boolean>;
}

/** The latest notes and a field; Enter keeps the note, a refused one stays in the field. */
export function Notes({ incident, live, focus, onDone, run }: Props): ReactNode {
  const { t } = useUi();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    if (focus) field.current?.focus();
  }, [focus]);
  useEffect(() => setText(""), [incident.incident]);
  const submit = async (): Promise<void> => {
    const note = text.trim();
    if (note === "" || !live) return;
    const kept = await run(fill(t.desk.does.note, { incident: incident.incident, text: note }), (key) => orders.note(incident.incident, key, note));
    if (!kept) return;
    setText("");
    onDone();
    field.current?.blur();
  };
  return (
    <section className="part">
      <h3>{t.desk.notes.title}</h3>
      <ul className="notes">
        {incident.notes.map((note) => (
          <li key={`${note.at_ms} ${note.note}`}><time>{timeOfDay(note.at_ms)}</time> {photosNoted([note]).length > 0 ? t.desk.photos.noted : note.note}</li>
        ))}
      </ul>
      <form
        className="inline-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <input
          ref={field}
          value={text}
          maxLength={MOST_LETTERS}
          placeholder={t.desk.notes.hint}
          aria-label={t.desk.actions.note}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") event.currentTarget.blur();
          }}
        />
        <button type="submit" disabled={!live || text.trim() === ""}>{t.desk.notes.add}</button>
      </form>
    </section>
  );
}
