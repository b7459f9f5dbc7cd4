/** Everything that runs while the tablet is on: link, errands, alarm, positions, the way of the order. */
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { pressedStatus, soundsFor, nextTurn } from "../../model/tablet_view";
import type { TabletOrder } from "../../model/tablet";
import { asTablet, askWay } from "../../wire/tablet_http";
import { clear, get, put, type Identity } from "../../wire/tablet_store";
import type { WayView } from "../../wire/types.gen";
import { Alarm, type Tune } from "./alarm";
import { afterPaint } from "../../map/pace";
import { type Place } from "./device";
import { Errands } from "./errands";
import { TabletLink } from "./link";

const POSITION_EVERY_MS = 5_000;
const WAY_AGAIN_MS = 15_000;

/** The running parts of one tablet. */
export interface Parts {
  readonly link: TabletLink;
  readonly errands: Errands;
  readonly alarm: Alarm;
}

/** Seen: the page is in front of somebody, and its next frame was drawn; or will be when they look. */
function whenVisible(): Promise<void> {
  if (document.visibilityState === "visible") return new Promise((resolve) => void afterPaint(resolve));
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.visibilityState !== "visible") return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}

/** Start the parts; null until what was kept has been read. */
export function useParts(identity: Identity): Parts | null {
  const [parts, setParts] = useState<Parts | null>(null);
  useEffect(() => {
    let gone = false;
    let made: Parts | null = null;
    const alarm = new Alarm();
    void TabletLink.begin(identity, {
      onDraw: whenVisible,
    }).then((link) => {
      made = { link, errands: new Errands(identity), alarm };
      if (gone) stop(made);
      else setParts(made);
    });
    const touch = (): void => void alarm.open();
    void alarm.open();
    window.addEventListener("pointerdown", touch);
    return () => {
      gone = true;
      window.removeEventListener("pointerdown", touch);
      if (made !== null) stop(made);
    };
  }, [identity]);
  return parts;
}

function stop({ link, errands, alarm }: Parts): void {
  link.stop();
  errands.stop();
  alarm.stop();
}

/** What the loudspeaker says as long as it is so: nobody else starts or stops it. */
export function useTune(alarm: Alarm, tune: Tune | null): void {
  useEffect(() => {
    if (tune === null) alarm.stop();
    else alarm.start(tune);
  }, [alarm, tune]);
}

/** An order is unseen until it is answered or somebody touched the screen; returns it, and how to say so. */
export function useUnseen(parts: Parts): { unseen: TabletOrder | null; saw: () => void } {
  const { tablet } = useSyncExternalStore(parts.link.subscribe, parts.link.snapshot);
  const [seen, setSeen] = useState<string | null>(null);
  const order = soundsFor(tablet);
  const unseen = order !== null && order.order !== seen ? order : null;
  return { unseen, saw: () => setSeen(order?.order ?? null) };
}

/** Says where the team is while the desk hears it, every 5 s at most; on each connection at once. */
export function useReports(parts: Parts, place: Place | null, battery_pct: number | null): void {
  const said_ms = useRef(0);
  const live = useLink(parts).phase === "live";
  useEffect(() => {
    if (place === null || !live || Date.now() - said_ms.current < POSITION_EVERY_MS) return;
    said_ms.current = Date.now();
    const { lon, lat, accuracy_m, speed_m_s } = place;
    const at_ms = Math.max(0, Math.round(place.at_ms + parts.link.state.skew_ms));
    parts.link.report({ lon, lat, at_ms, accuracy_m: Math.min(100_000, Math.max(0, accuracy_m)), speed_m_s: Math.min(100, Math.max(0, speed_m_s)), battery_pct });
  }, [parts, place, live, battery_pct]);
}

/** The way of the live order: asked for once, kept for dead spots, asked for again where the team left it. */
export function useWay(parts: Parts, identity: Identity, place: Place | null): WayView | null {
  const state = useSyncExternalStore(parts.link.subscribe, parts.link.snapshot);
  const { order, own } = state.tablet;
  const live = state.phase === "live";
  const [held, setHeld] = useState<{ order: string; way: WayView } | null>(null);
  const asked_ms = useRef(0);
  const name = order?.order ?? null;
  const way = held !== null && held.order === name ? held.way : null;
  const status = pressedStatus(state.tablet);
  useEffect(() => {
    if (name === null) return void clear("ways").catch(() => undefined);
    asked_ms.current = 0;
    get<WayView>("ways", name).then((kept) => kept && setHeld((now) => now ?? { order: name, way: kept }), () => undefined);
  }, [name]);
  useEffect(() => {
    if (order === null || !live) return;
    const moving = status === "accepted" || status === "en_route";
    const lost = way !== null && place !== null && moving && (nextTurn(way, [place.lon, place.lat])?.off_way ?? false);
    if ((way !== null && !lost) || Date.now() - asked_ms.current < WAY_AGAIN_MS) return;
    asked_ms.current = Date.now();
    const from = place ?? own?.post ?? own?.home;
    if (from === undefined || from === null) return;
    asTablet(identity, () => askWay([from.lon, from.lat], [order.where.lon, order.where.lat], own?.profile ?? "car")).then(
      (found) => {
        setHeld({ order: order.order, way: found });
        void put("ways", order.order, found).catch(() => undefined); // without room it is drawn from memory
      },
      () => undefined, // the place itself is on the map; the way is asked for again
    );
  }, [order, live, way, place, own, status, identity]);
  return way;
}

/** A clock of the service's time, renewed every second. */
export function useServiceNow(parts: Parts): number {
  const [now_ms, setNow] = useState(() => parts.link.now_ms());
  useEffect(() => {
    const timer = setInterval(() => setNow(parts.link.now_ms()), 1_000);
    return () => clearInterval(timer);
  }, [parts]);
  return now_ms;
}

/** One of the parts' states, renewed when it changes. */
export function useLink(parts: Parts): ReturnType<TabletLink["snapshot"]> {
  return useSyncExternalStore(parts.link.subscribe, parts.link.snapshot);
}

/** What waits to be brought. */
export function useErrands(parts: Parts): ReturnType<Errands["snapshot"]> {
  return useSyncExternalStore(parts.errands.subscribe, parts.errands.snapshot);
}

/** A stable object of (lon, lat) for the map. */
export function useSpot(place: { lon: number; lat: number } | null): readonly [number, number] | null {
  return useMemo(() => (place === null ? null : [place.lon, place.lat]), [place?.lon, place?.lat]);
}
