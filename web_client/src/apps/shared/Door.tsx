/** The door of an app: who is not signed in sees the sign-in screen, who is sees the app; a demo opens by itself. */
import { useCallback, useEffect, useState, type ReactNode } from "react";
import type { Dictionary } from "../../i18n";
import { problemText } from "../../i18n/format";
import { ApiError, onSignedOut } from "../../wire/api";
import { doors } from "../../wire/doors";
import type { Problem, SessionView } from "../../wire/types.gen";
import { LockBar } from "./LockBar";
import { SignIn } from "./SignIn";
import { useUi } from "./ui";
import "./door.css";

const LOOK_EVERY_MS = 20_000;
const TOUCH_EVERY_MS = 60_000;

/** The session of this browser and how it changes; null while it is not known yet. */
export interface Entry {
  readonly session: SessionView | null;
  readonly problem: Problem | null;
  take(session: SessionView): void;
  look(): Promise<void>;
}

/** Shows `children` to who may enter. */
export function Door({ children }: { children: (session: SessionView, signOut: () => void) => ReactNode }): ReactNode {
  const { t } = useUi();
  const entry = useEntry();
  const { session, take } = entry;
  const touch = useCallback(() => void doors.active().then(take, () => undefined), [take]);
  useTouch(touch, session?.account != null);
  if (session === null) return <p className="door-wait" role="status">{entry.problem === null ? "" : saidOf(t, entry.problem)}</p>;
  if (session.account === null || session.stage !== "ready") return <SignIn session={session} onTake={take} />;
  const signOut = (): void => void doors.signOut().then(take, () => undefined);
  return (
    <>
      {children(session, signOut)}
      {session.locked && <LockBar session={session} onTake={take} />}
    </>
  );
}

function saidOf(t: Dictionary, problem: Problem): string {
  const { message, hint } = problemText(t, problem);
  return `${message} · ${hint}`;
}

function useEntry(): Entry {
  const [session, take] = useState<SessionView | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const look = useCallback(async (): Promise<void> => {
    try {
      let found = await doors.session();
      if (found.account === null && found.demo) found = await doors.enterDemo();
      else if (found.locked && found.demo && document.visibilityState === "visible") found = await doors.unlock("");
      take(found);
      setProblem(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setProblem(error.problem); // the app itself says that the service is gone; who was signed in stays so
    }
  }, []);
  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    const forget = onSignedOut(() => void look());
    return () => {
      clearInterval(timer);
      forget();
    };
  }, [look]);
  return { session, problem, take, look };
}

/** Tells the service at most once a minute that somebody is at this screen. */
function useTouch(touch: () => void, signedIn: boolean): void {
  useEffect(() => {
    if (!signedIn) return undefined;
    let told_ms = Date.now();
    const onTouch = (): void => {
      if (Date.now() - told_ms < TOUCH_EVERY_MS) return;
      told_ms = Date.now();
      touch();
    };
    const kinds = ["pointerdown", "keydown"] as const;
    for (const kind of kinds) window.addEventListener(kind, onTouch, { passive: true });
    return () => {
      for (const kind of kinds) window.removeEventListener(kind, onTouch);
    };
  }, [touch, signedIn]);
}
