import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { alarmsOf, unheard, type Away } from "../../model/alarms";
import type { Board } from "../../model/board";
import { Sounds } from "../shared/sounds";
import { localStore } from "../shared/storage";

const VOLUME_KEY = "patrol.volume";
const BETWEEN_MS = 900;

/** Sound as the page shows it. */
export interface Sound {
  /** 0 is mute, at most 1. */
  readonly volume: number;
  readonly blocked: boolean;
  setVolume(volume: number): void;
  toggle(): void;
  test(): void;
}

/** Plays what is new among the alarms, the gravest first, one at a time; keeps the volume for the next visit. */
export function useSounds(board: Board, away: Away, service_ms: number, live: boolean): Sound {
  const sounds = useMemo(() => new Sounds(), []);
  const [volume, putVolume] = useState(() => clamp(Number(localStore()?.getItem(VOLUME_KEY) ?? 0.6)));
  const [blocked, setBlocked] = useState(true);
  const heard = useRef<ReadonlySet<string>>(new Set());
  const played_ms = useRef(-BETWEEN_MS);
  const before = useRef(volume > 0 ? volume : 0.6);

  useEffect(() => {
    const wake = (): void => void sounds.open().then(() => setBlocked(sounds.blocked));
    window.addEventListener("pointerdown", wake);
    window.addEventListener("keydown", wake);
    return () => {
      window.removeEventListener("pointerdown", wake);
      window.removeEventListener("keydown", wake);
    };
  }, [sounds]);

  useEffect(() => {
    if (!live) return;
    if (performance.now() - played_ms.current < BETWEEN_MS) return; // what is new meanwhile is played with the next look
    const { fresh, heard: now } = unheard(alarmsOf(board, service_ms, away), heard.current);
    const [gravest] = fresh;
    if (gravest === undefined || blocked) return; // where the browser lets nothing sound, nothing was heard
    heard.current = now;
    played_ms.current = performance.now();
    sounds.play(gravest.tone, volume);
  }, [board, away, service_ms, live, sounds, volume, blocked]);

  const setVolume = useCallback((wish: number) => {
    const next = clamp(wish);
    if (next > 0) before.current = next;
    localStore()?.setItem(VOLUME_KEY, String(next));
    putVolume(next);
  }, []);
  return {
    volume,
    blocked,
    setVolume,
    toggle: () => setVolume(volume > 0 ? 0 : before.current),
    test: () => void sounds.open().then(() => {
      setBlocked(sounds.blocked);
      sounds.play("urgent", volume);
    }),
  };
}

function clamp(volume: number): number {
  return Number.isFinite(volume) ? Math.max(0, Math.min(1, volume)) : 0.6;
}
