/** Where React meets the map: state goes in as marks, clicks come out. */
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode, type Ref, type RefObject } from "react";
import "maplibre-gl/dist/maplibre-gl.css";
import { fill } from "../../i18n";
import { circleFeatures } from "../../map/circles";
import { CoverCells } from "../../map/coverCells";
import { incidentAt, type IncidentMark } from "../../map/incidents";
import { placeMarks } from "../../map/places";
import { MapView, type MapHandlers } from "../../map/view";
import type { CircleCollection } from "../../wire/api";
import type { CoverPicture } from "../../wire/types.gen";
import { useUi } from "./ui";
import { incidentMarks, orderLinks, teamMarks } from "./marks";
import type { ConsoleState } from "./store";

/** What other components may ask of the map. */
export interface MapHandle {
  show(lon: number, lat: number): void;
  zoomBy(step: 1 | -1): void;
  project(lon: number, lat: number): { x: number; y: number };
  /** The open incident whose sign is at a point of the window, or null. */
  incidentAt(x: number, y: number): string | null;
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
  /** The live cover, where it is to be shown. */
  readonly cover: CoverPicture | null;
  /** Buttons to zoom; a wall has none. */
  readonly controls: boolean;
  readonly handlers: MapHandlers;
  readonly ref: Ref<MapHandle>;
}

/** The map with its zoom buttons. */
export function MapPane(props: MapPaneProps): ReactNode {
  const { state, cover, controls } = props;
  const { t, palette } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<MapView | null>(null);
  const handlers = useRef(props.handlers);
  handlers.current = props.handlers;
  const first = useRef(palette);
  const colours = useRef(palette);
  const [cells, setCells] = useState<CoverCells | null>(null);

  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new MapView(box.current, first.current, {
      onTeam: (id) => handlers.current.onTeam(id),
      onIncident: (id) => handlers.current.onIncident(id),
      onGround: (lon, lat) => handlers.current.onGround(lon, lat),
      get onGrip() {
        return handlers.current.onGrip; // read at each press: a wall, or the past, has none
      },
      onMove: () => {
        cells.draw(colours.current, (lon, lat) => made.project(lon, lat));
        handlers.current.onMove();
      },
    });
    const cells = new CoverCells(box.current);
    setView(made);
    setCells(cells);
    return () => {
      cells.remove();
      made.destroy();
    };
  }, []);
  useEffect(() => {
    colours.current = palette;
    cells?.set(cover);
    if (view !== null) cells?.draw(palette, (lon, lat) => view.project(lon, lat));
  }, [cells, view, cover, palette]);

  const marks = useMarks(view, props);
  const ground = state.ground.view;
  useImperativeHandle(
    props.ref,
    () => ({
      show: (lon, lat) => view?.show(lon, lat),
      zoomBy: (step) => view?.zoomBy(step),
      project: (lon, lat) => view?.project(lon, lat) ?? { x: 0, y: 0 },
      centre: () => view?.centre() ?? null,
      incidentAt: (x, y) => {
        const frame = box.current?.getBoundingClientRect();
        if (view === null || frame === undefined) return null;
        const project = ([lon, lat]: readonly [number, number]): { x: number; y: number } => view.project(lon, lat);
        return incidentAt(marks.current, x - frame.left, y - frame.top, project);
      },
    }),
    [view],
  );

  return (
    <>
      <div ref={box} className="map" role="region" aria-label={t.map} aria-description={t.mapHint} />
      {controls && <div className="zoom" role="group" aria-label={t.map}>
        <button type="button" aria-label={t.zoomIn} title={t.zoomIn} onClick={() => view?.zoomBy(1)}>+</button>
        <button type="button" aria-label={t.zoomOut} title={t.zoomOut} onClick={() => view?.zoomBy(-1)}>−</button>
        <button type="button" aria-label={t.wholeMap} title={t.wholeMap} onClick={() => ground && view?.fit(ground.bounds, 0, true)}>⤢</button>
      </div>}
    </>
  );
}

/** Gives the map what the state says, part by part; returns the incidents that are drawn. */
function useMarks(view: MapView | null, { state, now_ms, team, incident, pin, circles }: MapPaneProps): RefObject<readonly IncidentMark[]> {
  const { t, english, palette } = useUi();
  const { view: ground, places } = state.ground;
  useEffect(() => view?.setPalette(palette), [view, palette]);
  useEffect(() => void (ground && view?.fit(ground.bounds, 0, false)), [view, ground]);
  useEffect(() => view?.setPlaces(placeMarks(places, english)), [view, places, english]);
  const { board, fixes, clock } = state;
  useEffect(() => view?.setTeams(teamMarks(state, now_ms, english, team)), [view, board, fixes, clock, now_ms, english, team]);
  const marks = useRef<readonly IncidentMark[]>([]);
  useEffect(() => {
    marks.current = incidentMarks(state, t, incident);
    view?.setIncidents(marks.current);
  }, [view, state.board, t, incident]);
  useEffect(() => view?.setOrders(orderLinks(state, t)), [view, state.board, t]);
  useEffect(() => view?.setPin(pin), [view, pin]);
  useEffect(() => {
    view?.setCircles(circles && circleFeatures(circles, (count) => fill(t.minutes, { count })));
  }, [view, circles, t]);
  return marks;
}
