/** The three short forms: chips to tap with a glove, a note for who has a hand free. */
import { useState, type ReactNode } from "react";
import { useWords } from "./words";

/** Which form is open. */
export type SheetName = "decline" | "report" | "help";

/** One form; `onSend` gets its words. */
export function Sheet({ name, onSend, onClose }: { name: SheetName; onSend: (note: string) => void; onClose: () => void }): ReactNode {
  const t = useWords();
  const [picked, setPicked] = useState<readonly string[]>([]);
  const [note, setNote] = useState("");
  const { title, choices } = { decline: { title: t.declineWhy, choices: t.declineReasons }, report: { title: t.reportWhat, choices: t.results }, help: { title: t.helpWhat, choices: t.helpReasons } }[name];
  const words = [...picked, note.trim()].filter((part) => part !== "").join(" · ");
  const toggle = (word: string): void => setPicked(picked.includes(word) ? picked.filter((one) => one !== word) : name === "help" ? [...picked, word] : [word]);
  return (
    <div className="sheet" role="dialog" aria-modal="true" aria-label={title}>
      <h2>{title}</h2>
      <div className="chips">
        {Object.entries(choices).map(([key, word]) => (
          <button key={key} type="button" data-chip={key} aria-pressed={picked.includes(word)} onClick={() => toggle(word)}>{word}</button>
        ))}
      </div>
      <textarea value={note} maxLength={500} rows={2} placeholder={t.noteHint} aria-label={t.noteHint} onChange={(event) => setNote(event.target.value)} />
      <div className="actions">
        <button type="button" onClick={onClose}>{t.cancel}</button>
        <button type="button" className="send" data-do="send" disabled={words === ""} onClick={() => onSend(words)}>{t.send}</button>
      </div>
    </div>
  );
}
