/** A locked screen: the app stays in sight and goes on sounding, but it takes nothing until it is unlocked. */
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { problemText } from "../../i18n/format";
import { ApiError } from "../../wire/api";
import { doors } from "../../wire/doors";
import type { Problem, SessionView } from "../../wire/types.gen";
import { Field } from "./SignIn";
import { useUi } from "./ui";

/** The bar with the password's field; a dialog, so that nothing behind it can be pressed. */
export function LockBar({ session, onTake }: { session: SessionView; onTake(session: SessionView): void }): ReactNode {
  const { t } = useUi();
  const dialog = useRef<HTMLDialogElement>(null);
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const held = dialog.current;
    if (held !== null && !held.open) held.showModal();
    return () => held?.close();
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    doors.unlock(password).then(onTake, (error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    });
  };
  return (
    <dialog ref={dialog} className="lock" onCancel={(event) => event.preventDefault()} aria-label={t.door.locked}>
      <form onSubmit={submit}>
        <p><b>{t.door.locked}</b> {session.account}</p>
        <Field label={t.door.password} value={password} onChange={setPassword} complete="current-password" hidden first optional={session.demo} />
        {problem !== null && <p className="door-problem" role="alert">{problemText(t, problem).message}</p>}
        <button type="submit" className="primary">{t.door.unlock}</button>
        <button type="button" className="quiet" onClick={() => void doors.signOut().then(onTake, () => undefined)}>{t.door.signOut}</button>
      </form>
    </dialog>
  );
}
