/** One tablet in one window: who holds the lock works, another window says so and waits. */
import { useCallback, useEffect, useState, type ReactNode } from "react";
import { clear, loadIdentity, type Identity } from "../../wire/tablet_store";
import { forgetCheckIn } from "./CheckIn";
import { Duty } from "./Duty";
import { forgetPanics } from "./errands";
import { Join } from "./Join";
import { useWords } from "./words";

const LOCK = "patrol.tablet";

/** The app. */
export function Root({ secret }: { secret: string }): ReactNode {
  const t = useWords();
  const mine = useOnlyWindow();
  const [identity, setIdentity] = useState<Identity | null | undefined>(undefined);
  const [problem, setProblem] = useState<string | null>(null);
  const look = useCallback(() => {
    loadIdentity().then((held) => setIdentity(held ?? null), (error: unknown) => setProblem(String(error)));
  }, []);
  useEffect(look, [look]);
  useEffect(() => void (document.title = t.title), [t.title]);
  const again = (): void => void Promise.all([clear("identity"), clear("tablet"), forgetPanics(), forgetCheckIn()]).then(() => setIdentity(null));
  if (problem !== null) return <p className="wait" role="alert">{window.isSecureContext ? problem : t.insecure}</p>;
  if (!mine) return <p className="wait" role="status">{t.otherWindow}</p>;
  if (identity === undefined) return <p className="wait" role="status">{t.starting}</p>;
  if (identity === null) return <Join given={secret} onReady={look} />;
  return <Duty identity={identity} onEnrolAgain={again} />;
}

function useOnlyWindow(): boolean {
  const [mine, setMine] = useState(!("locks" in navigator));
  useEffect(() => {
    if (!("locks" in navigator)) return undefined;
    const ended = new AbortController();
    let free = (): void => undefined;
    navigator.locks.request(LOCK, { signal: ended.signal }, () => {
      setMine(true);
      return new Promise<void>((resolve) => (free = resolve));
    }).catch(() => undefined); // the window was closed while it waited
    return () => {
      ended.abort();
      free();
    };
  }, []);
  return mine;
}
