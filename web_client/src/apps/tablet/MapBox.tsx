/** Where React meets the tablet's map; without WebGL, and for who asks, the steps as a list. */
import { useEffect, useRef, useState, type ReactNode } from "react";
import "maplibre-gl/dist/maplibre-gl.css";
import { metres } from "../../i18n/format";
import { canDrawMap } from "../../map/view";
import { TabletMap } from "../../map/tablet";
import { api } from "../../wire/api";
import { asTablet } from "../../wire/tablet_http";
import type { Identity } from "../../wire/tablet_store";
import type { WayView } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import { useWords } from "./words";

type Spot = readonly [number, number] | null;
const TRY_AGAIN_MS = 10_000;
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
  useEffect(() => {
    if (box.current === null || !canDrawMap()) return undefined;
    const made = new TabletMap(box.current, first.current, () => setFollowing(false));
    setMap(made);
    return () => made.destroy();
  }, []);
  useGround(map, identity);
  useEffect(() => map?.setPalette(palette), [map, palette]);
  useEffect(() => map?.setHere(here), [map, here]);
  useEffect(() => map?.setWay(way?.line ?? NO_LINE, there), [map, way, there]);
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
      <div className="map-buttons">
        <button type="button" aria-pressed={following} disabled={here === null} onClick={() => setFollowing(!following)}>{following ? t.whole : t.follow}</button>
        {way !== null && <button type="button" aria-pressed={listed} onClick={() => setListed(!listed)}>{t.steps}</button>}
      </div>
    </section>
  );
}

/** The ground from the service, or from what the service worker kept. */
function useGround(map: TabletMap | null, identity: Identity): void {
  useEffect(() => {
    if (map === null) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const load = async (): Promise<void> => {
      try {
        const view = await asTablet(identity, api.ground);
        if (gone) return;
        map.setBounds(view.bounds);
      } catch {
        if (!gone) timer = setTimeout(() => void load(), TRY_AGAIN_MS);
      }
    };
    void load();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [map, identity]);
}
