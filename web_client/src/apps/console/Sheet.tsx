/** Every key and every command on one sheet. */
import { useEffect, useRef, type ReactNode } from "react";
import { VERBS, type Verb } from "../../model/command";
import { SHORTCUTS } from "../../model/keys";
import { useUi } from "../shared/ui";

const NAMES: Readonly<Record<string, string>> = { ArrowDown: "↓", ArrowUp: "↑", Escape: "Esc", Enter: "⏎" };

/** A dialog; Escape or `?` closes it. */
export function Sheet({ onClose }: { onClose(): void }): ReactNode {
  const { t, english } = useUi();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const held = dialog.current;
    if (held !== null && !held.open) held.showModal();
    return () => held?.close();
  }, []);
  const shown = (keys: readonly string[]): string[] => (keys.length > 4 ? [`${keys[0] ?? ""}…${keys.at(-1) ?? ""}`] : keys.map((key) => NAMES[key] ?? key.toUpperCase()));
  return (
    <dialog ref={dialog} className="sheet" aria-label={t.desk.sheet.title} onCancel={onClose} onKeyDown={(event) => event.key === "?" && onClose()}>
      <header>
        <h2>{t.desk.sheet.title}</h2>
        <button type="button" className="quiet" onClick={onClose} aria-label={t.desk.sheet.close} autoFocus>×</button>
      </header>
      <div className="sheet-parts">
        {(["incident", "team", "view"] as const).map((group) => (
          <section key={group}>
            <h3>{t.desk.sheet[group]}</h3>
            <dl>
              {SHORTCUTS.filter((one) => one.group === group).map((one) => (
                <div key={one.action}>
                  <dt>{shown(one.keys).map((key) => <kbd key={key}>{key}</kbd>)}</dt>
                  <dd>{t.desk.actions[one.action]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t.desk.sheet.commands}</h3>
          <dl>
            {(Object.keys(VERBS) as Verb[]).map((verb) => (
              <div key={verb}>
                <dt>{english ? VERBS[verb].en[0] : `${VERBS[verb].zh[0]} ${t.desk.sheet.or} ${VERBS[verb].en[0]}`}</dt>
                <dd>{t.desk.verbs[verb]}</dd>
              </div>
            ))}
          </dl>
          <p className="soft">{t.desk.gaps.empty}</p>
        </section>
      </div>
    </dialog>
  );
}
