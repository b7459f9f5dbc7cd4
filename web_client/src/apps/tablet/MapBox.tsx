/** Where React meets the tablet's map; without WebGL, and for who asks, the steps as a list. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import "maplibre-gl/dist/maplibre-gl.css";
import { metres } from "../../i18n/format";
import { fill } from "../../i18n";
import { servedBasemap, storedBasemap, type Basemap } from "../../map/basemap";
import { canDrawMap } from "../../map/view";
import { TabletMap } from "../../map/tablet";
import { api } from "../../wire/api";
import { asTablet } from "../../wire/tablet_http";
import { bringTiles, heldTiles, type HeldTiles } from "../../wire/tiles_store";
import type { Identity } from "../../wire/tablet_store";
import type { WayView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { afterPaint } from "../../map/pace";
import { useGround } from "./useGround";
import { useWords } from "./words";

type Spot = readonly [number, number] | null;
const TRY_AGAIN_MS = 10_000;
const TRY_AGAIN_MOST_MS = 300_000;
const STORED = "stored-";
const NO_LINE: readonly (readonly [number, number])[] = [];

/** The map with its two buttons. */
export function MapBox({ identity, way, there, here }: { identity: Identity; way: WayView | null; there: Spot; here: Spot }): ReactNode {
  const t = useWords();
  const { palette, t: words, english } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<TabletMap | null>(null);
  const [following, setFollowing] = useState(false);
  const [listed, setListed] = useState(() => !canDrawMap());
  const first = useRef(palette);
  const { basemap, share } = useBasemap(identity);
  useEffect(() => {
    if (box.current === null || basemap === null || !canDrawMap()) return undefined;
    const made = new TabletMap(box.current, first.current, () => setFollowing(false), basemap);
    setMap(made);
    return () => made.destroy();
  }, [basemap]);
  const ground = useGround(identity, api.ground);
  useEffect(() => void (map !== null && ground !== null && map.setBounds(ground.bounds)), [map, ground]);
  useEffect(() => map?.setPalette(palette), [map, palette]);
  useEffect(() => map?.setHere(here), [map, here]);
  useEffect(() => (map === null ? undefined : afterPaint(() => map.setWay(way?.line ?? NO_LINE, there))), [map, way, there]); // the order itself first
  useEffect(() => map?.follow(following), [map, following]);
  return (
    <section className="map-box">
      <div ref={box} className="map" role="region" aria-label={words.map} />
      {listed && (
        <ol className="steps" aria-label={t.steps}>
          {!canDrawMap() && <li className="soft">{t.noMap}</li>}
          {way?.steps.map((step, index) => <li key={index}>{english ? step.en : step.zh}<span>{metres(words, step.length_m)}</span></li>)}
        </ol>
      )}
      {share !== null && <p className="bringing" role="status">{fill(t.bringing, { percent: Math.round(share * 100) })}</p>}
      <div className="map-buttons">
        <button type="button" aria-pressed={following} disabled={here === null} onClick={() => setFollowing(!following)}>{following ? t.whole : t.follow}</button>
        {way !== null && <button type="button" aria-pressed={listed} onClick={() => setListed(!listed)}>{t.steps}</button>}
      </div>
    </section>
  );
}

/** The tiles that are here; else those of the service while they are brought here, whole before they are used. */
function useBasemap(identity: Identity): { basemap: Basemap | null; share: number | null } {
  const [basemap, setBasemap] = useState<Basemap | null>(null);
  const [share, setShare] = useState<number | null>(null);
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait_ms = TRY_AGAIN_MS;
    const later = (): void => {
      if (gone) return;
      timer = setTimeout(() => void bring(), wait_ms);
      wait_ms = Math.min(TRY_AGAIN_MOST_MS, wait_ms * 2);
    };
    const here = (tiles: HeldTiles | null): boolean => {
      if (tiles === null || gone) return false;
      // what was written just now is read anew; else the map that is drawn goes on
      setBasemap((now) => (now?.key.startsWith(STORED) && !tiles.fresh ? now : storedBasemap(tiles.blob, `${STORED}${Date.now()}`)));
      return true;
    };
    let busy = false;
    const bring = async (): Promise<void> => {
      if (busy || gone) return;
      busy = true;
      try {
        await asTablet(identity, api.ground); // opens this tablet's session
        const whole = here(await bringTiles((part) => !gone && setShare(part < 1 ? part : null)));
        if (!whole) later(); // its map is still being made
      } catch {
        later();
      } finally {
        busy = false;
      }
    };
    const soon = (): void => {
      clearTimeout(timer);
      wait_ms = TRY_AGAIN_MS;
      void bring();
    };
    window.addEventListener("online", soon);
    void heldTiles().then((tiles) => {
      if (!here(tiles) && !gone) setBasemap(servedBasemap());
      void bring();
    });
    return () => {
      gone = true;
      clearTimeout(timer);
      window.removeEventListener("online", soon);
    };
  }, [identity]);
  return { basemap, share };
}
