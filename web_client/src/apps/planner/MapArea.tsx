/** Where React meets the planner's map: cells, heat and the swipe go in, clicks and drags come out. */
import { useEffect, useImperativeHandle, useMemo, useRef, useState, type ReactNode, type Ref } from "react";
import "maplibre-gl/dist/maplibre-gl.css";
import { fill } from "../../i18n";
import type { Cells, Circles } from "../../map/planner_layers";
import { mercator } from "../../map/plane";
import { PlannerMap, type Shown } from "../../map/planner_view";
import { placeMarks } from "../../map/places";
import { countsOf } from "../../model/planner";
import { planning } from "../../wire/planning";
import type { DemandView, PostBody, Problem } from "../../wire/types.gen";
import { licenceOf } from "../shared/names";
import { useUi } from "../shared/ui";
import type { HeatDesk } from "./HeatTab";
import { Legend } from "./Legend";
import { postName } from "./names";
import { PostCard } from "./PostCard";
import { PostSigns } from "./PostSigns";
import { Swipe } from "./Swipe";
import { useLatest } from "./useLatest";
import type { PlannerDesk, Tab } from "./usePlanner";
import { useWords } from "./words";

/** What other components may ask of the map. */
export interface MapHandle {
  bring(lon: number, lat: number): void;
  /** The middle of what is seen as longitude and latitude, or null before the ground is there. */
  centre(): readonly [number, number] | null;
  png(): Promise<Blob | null>;
}

/** What the map area shows. */
export interface MapAreaProps {
  readonly desk: PlannerDesk;
  readonly tab: Tab;
  readonly heat: HeatDesk;
  readonly mark: readonly [number, number] | null;
  readonly ref: Ref<MapHandle>;
}

const MIDDLE = 0.5;

/** The map with standby points that can be dragged. */
export function MapArea({ desk, tab, heat, mark, ref }: MapAreaProps): ReactNode {
  const { t, palette, english } = useUi();
  const w = useWords();
  const box = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<PlannerMap | null>(null);
  const [moves, setMoves] = useState(0);
  const [swipe, setSwipe] = useState(MIDDLE);
  const first = useRef(palette);
  const held = useRef(desk);
  held.current = desk;
  const label = useRef((_many: number): string => "");
  label.current = (many) => fill(t.minutes, { count: many });
  useEffect(() => {
    if (box.current === null) return undefined;
    const made = new PlannerMap(box.current, first.current, () => setMoves((before) => before + 1), (many) => label.current(many), (lon, lat) => {
      if (held.current.adding) held.current.add(lat, lon);
      else held.current.select(null);
    });
    setMap(made);
    return () => made.destroy();
  }, []);

  const { view: ground, places, demand } = desk.ground;
  useEffect(() => map?.setPalette(palette), [map, palette]);
  useEffect(() => void (ground && map?.fit(ground.bounds, false)), [map, ground]);
  useEffect(() => map?.setPlaces(placeMarks(places, english)), [map, places, english]);
  const cells = useMemo(() => (demand === null ? null : cellsOf(demand)), [demand]);
  const covering = tab === "cover" || tab === "gaps";
  const comparing = covering && desk.compare !== null && desk.other.answer !== null;
  const count = useMemo(() => (desk.cover.answer === null ? null : countsOf(desk.cover.answer)), [desk.cover.answer]);
  const other = useMemo(() => (desk.other.answer === null ? null : countsOf(desk.other.answer)), [desk.other.answer]);
  const { circles, problem } = useCircles(desk, covering);
  const heated = tab === "heat" ? heat.shown : null;
  useEffect(() => {
    const shown: Shown = {
      cells: covering ? cells : null, count, other: comparing ? other : null, heat: heated, swipe: comparing ? swipe : null, circles, mark,
    };
    map?.show(shown);
  }, [map, covering, cells, count, other, comparing, heated, swipe, circles, mark, t]);
  useImperativeHandle(ref, () => ({
    bring: (lon, lat) => map?.bring(lon, lat),
    centre: () => {
      const middle = map?.centre() ?? null;
      return middle === null ? null : [middle.lon, middle.lat];
    },
    png: async () => (map === null ? null : map.png((ctx) => (covering ? paintPosts(ctx, map, desk.posts, english, palette.select, palette.halo) : undefined))),
  }), [map, covering, desk.posts, palette]);

  return (
    <>
      <div ref={box} className={`map${desk.adding ? " is-adding" : ""}`} />
      {map !== null && covering && <PostSigns map={map} moves={moves} desk={desk} other={comparing ? (desk.other.answer?.posts ?? []) : []} swipe={comparing ? swipe : null} />}
      {comparing && <Swipe at={swipe} onMove={setSwipe} names={[nameOf(desk, null), nameOf(desk, desk.compare)]} />}
      {covering && desk.selected !== null && <PostCard desk={desk} problem={problem} />}
      {desk.adding && <p className="map-hint" role="status">{w.edit.adding}</p>}
      <div className="zoom">
        <button type="button" aria-label={w.zoomIn} title={w.zoomIn} onClick={() => map?.zoomBy(1)}>+</button>
        <button type="button" aria-label={w.zoomOut} title={w.zoomOut} onClick={() => map?.zoomBy(-1)}>−</button>
        <button type="button" aria-label={w.wholeMap} title={w.wholeMap} onClick={() => ground && map?.fit(ground.bounds, true)}>⤢</button>
      </div>
      <Legend tab={tab} heat={heat} licence={ground === null ? "" : licenceOf(t, ground)} label={t.map} />
    </>
  );

  function nameOf(of: PlannerDesk, side: string | null): string {
    const which = side ?? (of.source === "plan" ? "" : of.source);
    if (which === "now" || which === "roster") return w.sources[which];
    return side === null ? of.draft.title : (of.plans.find((plan) => plan.plan === side)?.title ?? side);
  }
}

/** The circles of the post that is selected, from where it is now; or why there are none: off the roads, for example. */
function useCircles(desk: PlannerDesk, on: boolean): { circles: Circles | null; problem: Problem | null } {
  const post = on ? desk.posts.find((each) => each.post === desk.selected) : undefined;
  const limits = desk.cover.answer?.limits_ms.join(",");
  const minutes = useMemo(() => (limits ?? "").split(",").filter((ms) => ms !== "").map((ms) => Number(ms) / 60_000), [limits]);
  const question = useMemo(
    () => (post === undefined || minutes.length === 0 ? null : { lat: post.lat, lon: post.lon, profile: post.profile, minutes }),
    [post?.lat, post?.lon, post?.profile, minutes],
  );
  const { answer, problem } = useLatest(question, (asked) => planning.circles(asked.lat, asked.lon, asked.profile, asked.minutes));
  return question === null ? { circles: null, problem: null } : { circles: problem === null ? answer : null, problem };
}

function cellsOf(demand: DemandView): Cells {
  return {
    lon: Float64Array.from(demand.lon),
    merc: Float64Array.from(demand.lat, mercator),
    tier: Uint8Array.from(demand.tier),
    some: Uint8Array.from(demand.weight, (weight) => (weight > 0 ? 1 : 0)),
    places: demand.places.length,
    cell_lon: demand.cell_lon,
    cell_lat: demand.cell_lat,
  };
}

function paintPosts(ctx: CanvasRenderingContext2D, map: PlannerMap, posts: readonly PostBody[], english: boolean, fillColour: string, halo: string): void {
  ctx.font = "600 12px sans-serif";
  ctx.textBaseline = "middle";
  for (const post of posts) {
    const { x, y } = map.project(post.lon, post.lat);
    Object.assign(ctx, { fillStyle: fillColour, strokeStyle: halo, lineWidth: 2 });
    ctx.beginPath();
    ctx.arc(x, y, 7, 0, 2 * Math.PI);
    ctx.fill();
    ctx.stroke();
    ctx.lineWidth = 3;
    ctx.strokeText(postName(post, english), x + 11, y);
    ctx.fillText(postName(post, english), x + 11, y);
  }
}
