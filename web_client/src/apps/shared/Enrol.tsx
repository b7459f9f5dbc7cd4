/** A tablet's enrolment: it makes its key, shows its number, and waits until a person has confirmed it. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { problemText } from "../../i18n/format";
import { ApiError } from "../../wire/api";
import { enrol, makeKeys, ticketFor } from "../../wire/doors";
import type { Problem } from "../../wire/types.gen";
import { keepIdentity, loadIdentity, type Identity } from "../../wire/tablet_store";
import { useUi } from "./ui";

const ASK_EVERY_MS = 3_000;

/** The page that a QR code opens; `onReady` once a person has confirmed the device. */
export function Enrol({ secret, onReady }: { secret: string; onReady: () => void }): ReactNode {
  const { t, toggleLanguage } = useUi();
  const { identity, ready, problem } = useEnrolment(secret);
  return (
    <main className="door">
      <header>
        <h1>{t.title}<small>{t.enrol.subtitle}</small></h1>
        <button type="button" className="quiet switch" onClick={toggleLanguage} aria-label={t.switchToLabel}>{t.switchTo}</button>
      </header>
      {identity === null && problem === null && <p role="status">{secret === "" ? t.enrol.noCode : t.enrol.making}</p>}
      {identity !== null && !ready && (
        <>
          <p role="status">{fill(t.enrol.waiting, { team: identity.team })}</p>
          <p className="check">{identity.check}</p>
        </>
      )}
      {identity !== null && ready && (
        <>
          <p role="status">{fill(t.enrol.done, { team: identity.team })}</p>
          <button type="button" className="enter" onClick={onReady} autoFocus>→ {t.enrol.subtitle}</button>
        </>
      )}
      {problem !== null && <p className="door-problem" role="alert"><b>{problemText(t, problem).message}</b> {problemText(t, problem).hint}</p>}
    </main>
  );
}

function useEnrolment(secret: string): { identity: Identity | null; ready: boolean; problem: Problem | null } {
  const [identity, setIdentity] = useState<Identity | null>(null);
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const begun = useRef(false); // a code works once: a second run of the effect must not use it
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    (secret === "" ? loadIdentity().then((held) => held ?? null) : begin(secret)).then(setIdentity, (error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem);
    });
  }, [secret]);
  useEffect(() => {
    if (identity === null || ready) return undefined;
    const timer = setInterval(() => {
      ticketFor(identity.device, identity.key).then(
        () => setReady(true),
        (error: unknown) => {
          if (error instanceof ApiError && error.problem.code !== "device_unconfirmed") setProblem(error.problem);
        },
      );
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [identity, ready]);
  return { identity, ready, problem };
}

async function begin(secret: string): Promise<Identity> {
  const keys = await makeKeys();
  const made = await enrol(secret, keys, navigator.userAgent.slice(0, 64));
  const identity = { device: made.device, team: made.team, check: made.check, key: keys.privateKey };
  await keepIdentity(identity);
  return identity;
}
