/** What the device itself tells: where it is, its battery, whether its storage is safe; and that its screen stays on. */
import { useEffect, useState } from "react";

/** Where the device is. */
export interface Place {
  readonly lon: number;
  readonly lat: number;
  readonly accuracy_m: number;
  readonly speed_m_s: number;
  readonly at_ms: number;
}

/** Why there is no place; `waiting` until the first one. */
export type NoPlace = "waiting" | "denied" | "unavailable" | "unsupported";

/** A watch tells movement; a patrol that stands is asked for again so often, or the desk would think it lost. */
const ASK_EVERY_MS = 10_000;
const HOW: PositionOptions = { enableHighAccuracy: true, maximumAge: 2_000, timeout: 30_000 };

/** The latest place, or why there is none. */
export function usePlace(): { place: Place | null; why: NoPlace | null } {
  const [place, setPlace] = useState<Place | null>(null);
  const [why, setWhy] = useState<NoPlace | null>("geolocation" in navigator ? "waiting" : "unsupported");
  useEffect(() => {
    if (!("geolocation" in navigator)) return undefined;
    const take = ({ coords, timestamp }: GeolocationPosition): void => {
      const { longitude: lon, latitude: lat, accuracy: accuracy_m, speed } = coords;
      setPlace({ lon, lat, accuracy_m, speed_m_s: speed ?? 0, at_ms: timestamp });
      setWhy(null);
    };
    const fail = (error: GeolocationPositionError): void => setWhy(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable");
    const watch = navigator.geolocation.watchPosition(take, fail, HOW);
    const asking = setInterval(() => navigator.geolocation.getCurrentPosition(take, () => undefined, HOW), ASK_EVERY_MS);
    return () => {
      navigator.geolocation.clearWatch(watch);
      clearInterval(asking);
    };
  }, []);
  return { place, why };
}

interface Battery extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

/** Charge in percent where the browser tells, else null. */
export function useBattery(): number | null {
  const [percent, setPercent] = useState<number | null>(null);
  useEffect(() => {
    const ask = (navigator as { getBattery?: () => Promise<Battery> }).getBattery;
    if (ask === undefined) return undefined;
    let held: Battery | null = null;
    const tell = (): void => void (held && setPercent(Math.round(held.level * 100)));
    ask.call(navigator).then(
      (battery) => {
        held = battery;
        tell();
        battery.addEventListener("levelchange", tell);
      },
      () => undefined,
    );
    return () => held?.removeEventListener("levelchange", tell);
  }, []);
  return percent;
}

/** What is wrong with the storage: it may be emptied by the browser, or is nearly full. */
export type StorageDoubt = "not_kept" | "nearly_full";

const LEAST_FREE_BYTES = 50 * 1024 * 1024;
const LOOK_EVERY_MS = 60_000;

/** Asks the browser to keep what is stored; tells where that is not sure. */
export function useStorageDoubt(): StorageDoubt | null {
  const [doubt, setDoubt] = useState<StorageDoubt | null>(null);
  useEffect(() => {
    const look = async (): Promise<void> => {
      const { storage } = navigator;
      if (storage === undefined) return setDoubt("not_kept");
      const kept = (await storage.persisted?.()) || (await storage.persist?.());
      const { quota = Infinity, usage = 0 } = await storage.estimate();
      setDoubt(quota - usage < LEAST_FREE_BYTES ? "nearly_full" : kept ? null : "not_kept");
    };
    void look().catch(() => setDoubt("not_kept"));
    const timer = setInterval(() => void look().catch(() => setDoubt("not_kept")), LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return doubt;
}

/** Keeps the screen on while the page is seen, where the browser can. */
export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    const hold = (): void => {
      if (document.visibilityState !== "visible") return;
      navigator.wakeLock?.request("screen").then(
        (held) => (lock = held),
        () => undefined, // a low battery refuses: the tablet works on
      );
    };
    hold();
    document.addEventListener("visibilitychange", hold);
    return () => {
      document.removeEventListener("visibilitychange", hold);
      void lock?.release();
    };
  }, []);
}
