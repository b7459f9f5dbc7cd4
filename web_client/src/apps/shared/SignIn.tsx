/** Signing in: name, password, second factor; and the first time a new password and the factor's set-up. */
import { useEffect, useId, useState, type FormEvent, type ReactNode } from "react";
import { problemText } from "../../i18n/format";
import { ApiError } from "../../wire/api";
import { doors } from "../../wire/doors";
import { addPasskey, enterByPasskey, PasskeyGivenUp, passkeysWork } from "../../wire/passkeys";
import type { FactorView, Problem, SessionView } from "../../wire/types.gen";
import { useUi } from "./ui";

interface Props {
  readonly session: SessionView;
  onTake(session: SessionView): void;
}

/** The screen before the app, whichever step is next. */
export function SignIn({ session, onTake }: Props): ReactNode {
  const { t, toggleLanguage } = useUi();
  const [once, setOnce] = useState("");
  return (
    <main className="door">
      <header>
        <h1>{t.title}<small>{t.subtitle}</small></h1>
        <button type="button" className="quiet switch" onClick={toggleLanguage} aria-label={t.switchToLabel}>{t.switchTo}</button>
      </header>
      {session.account === null && <Password onTake={onTake} onPassword={setOnce} />}
      {session.stage === "password_due" && <NewPassword old={once} onTake={onTake} />}
      {session.stage === "factor_due" && <Factor onTake={onTake} />}
      {session.account !== null && (
        <button type="button" className="quiet" onClick={() => void doors.signOut().then(onTake, () => undefined)}>{t.door.signOut}</button>
      )}
    </main>
  );
}

/** One form that sends; shows the "no" of the service. */
function useForm(send: () => Promise<SessionView>, onTake: (session: SessionView) => void): { busy: boolean; problem: Problem | null; submit(event: FormEvent): void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    send()
      .then(onTake, (error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
        setProblem(error.problem);
      })
      .finally(() => setBusy(false));
  };
  return { busy, problem, submit };
}

function Password({ onTake, onPassword }: { onTake(session: SessionView): void; onPassword(password: string): void }): ReactNode {
  const { t } = useUi();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const { busy, problem, submit } = useForm(() => doors.signIn(name.trim(), password, code.trim() || null), (session) => {
    onPassword(password);
    onTake(session);
  });
  return (
    <form onSubmit={submit}>
      <Field label={t.door.name} value={name} onChange={setName} complete="username" first />
      <Field label={t.door.password} value={password} onChange={setPassword} complete="current-password" hidden />
      <Field label={t.door.code} value={code} onChange={setCode} complete="one-time-code" optional digits />
      <Said problem={problem} />
      <button type="submit" className="primary" disabled={busy || name === "" || password === ""}>{busy ? t.door.sending : t.door.signIn}</button>
      {passkeysWork() && <Passkey label={t.door.passkeyEnter} work={enterByPasskey} onTake={onTake} />}
    </form>
  );
}

function NewPassword({ old, onTake }: { old: string; onTake(session: SessionView): void }): ReactNode {
  const { t } = useUi();
  const [before, setBefore] = useState(old);
  const [fresh, setFresh] = useState("");
  const { busy, problem, submit } = useForm(() => doors.password(before, fresh), onTake);
  return (
    <form onSubmit={submit}>
      <p>{t.door.newPasswordWhy}</p>
      {old === "" && <Field label={t.door.oldPassword} value={before} onChange={setBefore} complete="current-password" hidden />}
      <Field label={t.door.newPassword} value={fresh} onChange={setFresh} complete="new-password" hidden first />
      <Said problem={problem} />
      <button type="submit" className="primary" disabled={busy || fresh.length < 12}>{busy ? t.door.sending : t.door.keep}</button>
    </form>
  );
}

function Factor({ onTake }: { onTake(session: SessionView): void }): ReactNode {
  const { t } = useUi();
  const [factor, setFactor] = useState<FactorView | null>(null);
  const [code, setCode] = useState("");
  const { busy, problem, submit } = useForm(() => doors.confirmFactor(code.trim()), onTake);
  useEffect(() => {
    doors.factor().then(setFactor, () => undefined);
  }, []);
  return (
    <form onSubmit={submit}>
      <p>{t.door.factorWhy}</p>
      {factor !== null && (
        <figure>
          <img src={`data:image/svg+xml,${encodeURIComponent(factor.svg)}`} alt={t.door.factorCode} width={220} height={220} />
          <figcaption>{factor.secret.replace(/(.{4})/g, "$1 ").trim()}</figcaption>
        </figure>
      )}
      <Field label={t.door.firstCode} value={code} onChange={setCode} complete="one-time-code" digits first />
      <Said problem={problem} />
      <button type="submit" className="primary" disabled={busy || !/^\d{6}$/.test(code.trim())}>{busy ? t.door.sending : t.door.keep}</button>
      {passkeysWork() ? <Passkey label={t.door.passkeyInstead} work={() => addPasskey("passkey", "")} onTake={onTake} /> : <p className="soft">{t.door.noPasskeys}</p>}
    </form>
  );
}

/** A button that asks the browser for a passkey; closing its window is no error. */
function Passkey({ label, work, onTake }: { label: string; work(): Promise<SessionView>; onTake(session: SessionView): void }): ReactNode {
  const { t } = useUi();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [gaveUp, setGaveUp] = useState(false);
  const ask = (): void => {
    setProblem(null);
    setGaveUp(false);
    work().then(onTake, (error: unknown) => {
      if (error instanceof PasskeyGivenUp) setGaveUp(true);
      else if (error instanceof ApiError) setProblem(error.problem);
      else throw error;
    });
  };
  return (
    <>
      <button type="button" onClick={ask}>{label}</button>
      {gaveUp && <p className="door-problem" role="alert">{t.door.passkeyGaveUp}</p>}
      <Said problem={problem} />
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly complete: string;
  readonly hidden?: boolean;
  readonly first?: boolean;
  readonly optional?: boolean;
  readonly digits?: boolean;
  onChange(value: string): void;
}

/** A labelled field; a password can be shown, and may be pasted. */
export function Field({ label, value, complete, hidden = false, first = false, optional = false, digits = false, onChange }: FieldProps): ReactNode {
  const { t } = useUi();
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        value={value}
        type={hidden && !shown ? "password" : "text"}
        autoComplete={complete}
        autoFocus={first}
        required={!optional}
        maxLength={digits ? 6 : 128}
        inputMode={digits ? "numeric" : undefined}
        spellCheck={false}
        autoCapitalize="off"
        onChange={(event) => onChange(event.target.value)}
      />
      {hidden && <button type="button" className="quiet" onClick={() => setShown(!shown)}>{shown ? t.door.hide : t.door.show}</button>}
    </div>
  );
}

function Said({ problem }: { problem: Problem | null }): ReactNode {
  const { t } = useUi();
  if (problem === null) return null;
  const { message, hint } = problemText(t, problem);
  const wait = problem.code === "slow_down" ? ` (${/\((\d+ s)\)/.exec(problem.message)?.[1] ?? ""})` : "";
  return <p className="door-problem" role="alert"><b>{message}{wait}</b> {hint}</p>;
}
