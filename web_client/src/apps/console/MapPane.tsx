/** Where React meets the map: state goes in as marks, clicks come out. */
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from "react";
import "maplibre-gl/dist/maplibre-gl.css";
import { fill } from "../../i18n";
import { circleFeatures } from "../../map/circles";
import { placeMarks } from "../../map/places";
import { MapView, type MapHandlers } from "../../map/view";
import type { CircleCollection } from "../../wire/api";
import { useUi } from "../shared/ui";
import { incidentMarks, orderLinks, teamMarks } from "./marks";
import type { ConsoleState } from "./store";

/** What other components may ask of the map. */
export interface MapHandle {
  show(lon: number, lat: number): void;
  project(lon: number, lat: number): { x: number; y: number };
  /** The middle of what is seen, or null before the ground is there. */
  centre(): { lon: number; lat: number } | null;
}

/** What the map pane shows and tells. */
export interface MapPaneProps {
  readonly state: ConsoleState;
  readonly now_ms: number;
  readonly team: string | null;
  readonly incident: string | null;
  readonly pin: readonly [number, number] | null;
  readonly circles: CircleCollection | null;
  readonly handlers: MapHandlers;
  readonly ref: Ref<MapHandle>;
}

/** The map with its zoom buttons. */
export function MapPane(props: MapPaneProps): ReactNode {
  const { state, now_ms, team, incident, pin, circles } = props;
  const { t, english, palette } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<MapView | null>(null);
  const handlers = useRef(props.handlers);
  handlers.current = props.handlers;
  const first = useRef(palette);

  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new MapView(box.current, first.current, {
      onTeam: (id) => handlers.current.onTeam(id),
      onIncident: (id) => handlers.current.onIncident(id),
      onGround: (lon, lat) => handlers.current.onGround(lon, lat),
      onMove: () => handlers.current.onMove(),
    });
    setView(made);
    return () => made.destroy();
  }, []);

  const { view: ground, places } = state.ground;
  useEffect(() => view?.setPalette(palette), [view, palette]);
  useEffect(() => void (ground && view?.fit(ground.bounds, 0, false)), [view, ground]);
  useEffect(() => view?.setPlaces(placeMarks(places, english)), [view, places, english]);
  useEffect(() => view?.setTeams(teamMarks(state, now_ms, english, team)), [view, state, now_ms, english, team]);
  useEffect(() => view?.setIncidents(incidentMarks(state, t, incident)), [view, state.board, t, incident]);
  useEffect(() => view?.setOrders(orderLinks(state, t)), [view, state.board, t]);
  useEffect(() => view?.setPin(pin), [view, pin]);
  useEffect(() => {
    view?.setCircles(circles && circleFeatures(circles, (count) => fill(t.minutes, { count })));
  }, [view, circles, t]);
  useImperativeHandle(
    props.ref,
    () => ({
      show: (lon, lat) => view?.show(lon, lat),
      project: (lon, lat) => view?.project(lon, lat) ?? { x: 0, y: 0 },
      centre: () => view?.centre() ?? null,
    }),
    [view],
  );

  return (
    <>
      <div ref={box} className="map" role="region" aria-label={t.map} aria-description={t.mapHint} />
      <div className="zoom" role="group" aria-label={t.map}>
        <button type="button" aria-label={t.zoomIn} title={t.zoomIn} onClick={() => view?.zoomBy(1)}>+</button>
        <button type="button" aria-label={t.zoomOut} title={t.zoomOut} onClick={() => view?.zoomBy(-1)}>−</button>
        <button type="button" aria-label={t.wholeMap} title={t.wholeMap} onClick={() => ground && view?.fit(ground.bounds, 0, true)}>⤢</button>
      </div>
    </>
  );
}
