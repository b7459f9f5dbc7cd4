import { useEffect, useState } from "react";

/** Local time in ms, renewed at the turn of every second. */
export function useNow(): number {
  const [now_ms, setNow] = useState(() => Date.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const beat = (): void => {
      setNow(Date.now());
      timer = setTimeout(beat, 1000 - (Date.now() % 1000) + 5);
    };
    timer = setTimeout(beat, 1000 - (Date.now() % 1000) + 5);
    return () => clearTimeout(timer);
  }, []);
  return now_ms;
}
