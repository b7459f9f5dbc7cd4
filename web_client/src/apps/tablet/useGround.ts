import { useEffect, useState } from "react";
import { asTablet } from "../../wire/tablet_http";
import type { Identity } from "../../wire/tablet_store";

const TRY_AGAIN_MS = 10_000;

/** Something of the ground, from the service or from what the service worker kept; null until it is there. `ask` must be the same function each time. */
export function useGround<Answer>(identity: Identity, ask: () => Promise<Answer>): Answer | null {
  const [answer, setAnswer] = useState<Answer | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const load = (): void =>
      void asTablet(identity, ask).then(
        (view) => !gone && setAnswer(view),
        () => !gone && (timer = setTimeout(load, TRY_AGAIN_MS)),
      );
    load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [identity, ask]);
  return answer;
}
