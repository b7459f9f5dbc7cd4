/** The map as one object: it takes marks, draws them, glides teams between fixes, and says what was clicked. */
import type { FeatureCollection } from "geojson";
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { servedBasemap, type Basemap } from "./basemap";
import { circles } from "./circles";
import { flatMap, GroundLayers } from "./ground";
import { addIcons } from "./icons";
import { drawIncidents, incidentAt, nameIncidents, reserveIncidents, type IncidentMark } from "./incidents";
import { fillSource, install, NOTHING, repaint, type MapLayer } from "./layer";
import { glideTo, isMoving, positionAt, type Glide } from "./motion";
import { drawOrders, nameOrders, type OrderLink, type SpotOf } from "./orders";
import { Overlay, type Brush } from "./overlay";
import { whenSettled, drawsInSoftware } from "./pace";
import { pin, pinFeatures } from "./pin";
import { planeOf } from "./plane";
import { namePlaces, placeFeatures, places, type PlaceMark } from "./places";
import type { Palette } from "./style";
import { drawTeams, nameTeams, reserveTeams, sameMarks, teamSpots, visiblyMoved, type TeamMark, type TeamSpot } from "./teams";
import { reserveWritten, writtenNames, type WrittenName } from "./written";

/** What a click on the map was about. */
export interface MapHandlers {
  onTeam(team: string): void;
  onIncident(incident: string): void;
  onGround(lon: number, lat: number): void;
  /** The camera moved: what is drawn over the map must follow. */
  onMove(): void;
  /** A team was pressed: where somebody listens, it is the team that is dragged then, not the map. */
  onGrip?: ((team: string, event: MouseEvent) => void) | undefined;
}

/** West, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number];

const LAYERS: readonly MapLayer[] = [circles, places, pin];
/** The ground lies beneath the circles, its names above them. */
const ORDER = { beneath: "circles-fill", names: "places-dot", places: "places" };
/** Gliding teams are drawn so often at most; on a machine that needs long for a frame, less often. */
const FRAME_MS = 33;
const SLOWEST_FRAME_MS = 1_000;
const SMOOTH_MS = 40;
const CLICK_PX = 11;
const CLOSEST_ZOOM = 17.5;

/** Whether this browser can draw the map at all. */
export function canDrawMap(): boolean {
  try {
    const canvas = document.createElement("canvas");
    return canvas.getContext("webgl2") !== null || canvas.getContext("webgl") !== null;
  } catch {
    return false;
  }
}

/** The map and all its layers; what is set before it has loaded is drawn once it has. */
export class MapView {
  private readonly map: MapLibre;
  private readonly pending = new Map<string, FeatureCollection>();
  private readonly glides = new Map<string, Glide>();
  private palette: Palette;
  private marks: readonly TeamMark[] = [];
  private links: readonly OrderLink[] = [];
  private named: readonly PlaceMark[] = [];
  private badges: readonly IncidentMark[] = [];
  private spots: readonly TeamSpot[] = [];
  private written: readonly WrittenName[] = [];
  private readonly overlay: Overlay;
  private readonly ground: GroundLayers;
  private ready = false;
  private fitted = false;
  private goal: readonly [number, number] | null = null;
  private frame = 0;
  private drawn_ms = 0;
  private pace_ms = FRAME_MS;
  private readonly calm: boolean;
  private readonly flies: boolean;
  private readonly follow = whenSettled(() => {
    const { goal } = this;
    if (goal === null) return;
    const zoom = Math.max(this.map.getZoom(), 13.8);
    this.map.easeTo({ center: [goal[0], goal[1]], zoom, duration: this.flies ? 450 : 0 });
  });

  /** `basemap` is where the ground's tiles are: at the service, or in a file that this device keeps. */
  constructor(container: HTMLElement, palette: Palette, handlers: MapHandlers, basemap: Basemap = servedBasemap()) {
    this.palette = palette;
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.flies = !this.calm && !drawsInSoftware();
    this.map = flatMap(container, palette, 120);
    this.overlay = new Overlay(container);
    this.map.keyboard.disableRotation();
    this.map.on("load", () => this.begin());
    this.ground = new GroundLayers(this.map, palette, basemap, ORDER);
    this.map.on("click", (event) => this.click(event, handlers));
    this.map.on("move", () => {
      this.draw(performance.now()); // with the ground, not a frame after it
      handlers.onMove();
    });
    this.map.on("idle", () => {
      this.written = writtenNames(this.map, document.documentElement.lang === "en");
      this.animate(true);
    });
    this.map.on("resize", () => this.animate(true));
    this.map.on("mousedown", (event) => this.grip(event, handlers));
    this.map.on("mousemove", (event) => this.hover(event));
  }

  /** Take the places with their names. */
  setPlaces(marks: readonly PlaceMark[]): void {
    this.named = marks;
    this.fill("places", placeFeatures(marks));
    this.ground.hide(marks.map((mark) => mark.name));
    this.animate(true);
  }

  /** Take the teams as they are now; each glides from where it is drawn. */
  setTeams(marks: readonly TeamMark[]): void {
    if (sameMarks(marks, this.marks)) return; // a repaint costs, and this screen is on all day
    const now_ms = performance.now();
    this.marks = marks;
    for (const mark of marks) {
      const before = this.calm ? undefined : this.glides.get(mark.team);
      this.glides.set(mark.team, glideTo(before, [mark.lon, mark.lat], now_ms));
    }
    this.animate(true);
  }

  /** Take the live orders as they are now. */
  setOrders(links: readonly OrderLink[]): void {
    this.links = links;
    this.animate(true);
  }

  /** Take the open incidents. */
  setIncidents(marks: readonly IncidentMark[]): void {
    this.badges = marks;
    this.animate(true);
  }

  /** Show circles, or none. */
  setCircles(data: FeatureCollection | null): void {
    this.fill("circles", data ?? NOTHING);
  }

  /** Show the point that is about to be reported, or none. */
  setPin(at: readonly [number, number] | null): void {
    this.fill("pin", pinFeatures(at));
  }

  /** Change the colours of everything. */
  setPalette(palette: Palette): void {
    this.palette = palette;
    this.animate(true);
    if (!this.ready) return;
    this.map.setPaintProperty("land", "background-color", palette.land);
    for (const layer of LAYERS) repaint(this.map, layer, palette);
    this.ground.setPalette(palette);
  }

  /** Show all of an area, beside a panel of `right_px`. */
  fit(bounds: Bounds, right_px: number, glide: boolean): void {
    this.fitted = true;
    const [west, south, east, north] = bounds;
    const box: [[number, number], [number, number]] = [[west, south], [east, north]];
    const padding = { top: 24, bottom: 40, left: 24, right: 24 + right_px };
    this.map.fitBounds(box, { padding, animate: glide && this.flies, duration: 500, maxZoom: CLOSEST_ZOOM });
  }

  /** Bring a point into view, close enough to see its streets. */
  show(lon: number, lat: number): void {
    this.goal = [lon, lat];
    this.follow();
  }

  /** One step closer or farther. */
  zoomBy(step: 1 | -1): void {
    this.map.zoomTo(this.map.getZoom() + step, { duration: this.flies ? 200 : 0 });
  }

  /** Where a point is on the container, in pixels. */
  project(lon: number, lat: number): { x: number; y: number } {
    return this.map.project([lon, lat]);
  }

  /** The middle of what is seen, or null before an area was shown. */
  centre(): { lon: number; lat: number } | null {
    if (!this.fitted) return null;
    const { lng, lat } = this.map.getCenter();
    return { lon: lng, lat };
  }

  /** Free everything. */
  destroy(): void {
    this.goal = null;
    cancelAnimationFrame(this.frame);
    this.ground.remove();
    this.overlay.remove();
    this.map.remove();
  }

  private begin(): void {
    addIcons(this.map);
    for (const layer of LAYERS) install(this.map, layer, this.palette);
    this.map.setPaintProperty("land", "background-color", this.palette.land);
    this.ready = true;
    for (const [name, data] of this.pending) fillSource(this.map, name, data);
    this.pending.clear();
    this.animate(true);
  }

  private fill(name: string, data: FeatureCollection): void {
    if (this.ready) fillSource(this.map, name, data);
    else this.pending.set(name, data);
  }

  private click(event: MapMouseEvent, handlers: MapHandlers): void {
    const hit = this.at(event);
    if (hit?.team !== undefined) handlers.onTeam(hit.team);
    else if (hit?.incident !== undefined) handlers.onIncident(hit.incident);
    else if (this.fitted) handlers.onGround(event.lngLat.lng, event.lngLat.lat);
  }

  private grip(event: MapMouseEvent, handlers: MapHandlers): void {
    const team = event.originalEvent.button === 0 ? this.at(event)?.team : undefined;
    if (team === undefined || handlers.onGrip === undefined) return;
    event.preventDefault(); // the map stays where it is
    handlers.onGrip(team, event.originalEvent);
  }

  private hover(event: MapMouseEvent): void {
    if (this.ready) this.map.getCanvas().style.cursor = this.at(event) === null ? "crosshair" : "pointer";
  }

  private at(event: MapMouseEvent): { team?: string; incident?: string } | null {
    const { x, y } = event.point;
    const distance = (spot: TeamSpot): number => Math.hypot(spot.x - x, spot.y - y);
    const near = this.spots.filter((spot) => distance(spot) <= CLICK_PX).sort((a, b) => distance(a) - distance(b));
    if (near[0] !== undefined) return { team: near[0].team };
    const incident = incidentAt(this.badges, x, y, this.onPage);
    return incident === null ? null : { incident };
  }

  private readonly onPage = (at: readonly [number, number]): { x: number; y: number } => this.map.project([at[0], at[1]]);

  private animate(atOnce: boolean): void {
    if (atOnce) this.drawn_ms = 0;
    if (this.frame !== 0 || !this.ready) return;
    const asked_ms = performance.now();
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      const now_ms = performance.now();
      const took_ms = now_ms - asked_ms;
      this.pace_ms = took_ms <= SMOOTH_MS ? Math.max(FRAME_MS, this.pace_ms * 0.9) : Math.min(SLOWEST_FRAME_MS, took_ms * 4);
      if (now_ms - this.drawn_ms >= this.pace_ms) this.draw(now_ms);
      if ([...this.glides.values()].some((glide) => isMoving(glide, this.drawn_ms))) this.animate(false);
    });
  }

  private draw(now_ms: number): void {
    const asked = this.drawn_ms === 0 || this.map.isMoving();
    this.drawn_ms = now_ms;
    const centre = this.map.getCenter();
    const onPage = planeOf(centre, this.map.project(centre), this.map.getZoom());
    const spots = teamSpots(this.marks, (mark) => {
      const glide = this.glides.get(mark.team);
      return onPage(glide === undefined ? [mark.lon, mark.lat] : positionAt(glide, now_ms));
    });
    if (!asked && !visiblyMoved(this.spots, spots)) return;
    this.spots = spots;
    const spotOf = new Map(this.spots.map((spot) => [spot.team, spot]));
    const at = (team: string): TeamSpot | null => spotOf.get(team) ?? null;
    this.overlay.draw(this.palette, onPage, [
      (brush) => this.name(brush, at),
      ({ ctx, labels }) => labels.paint(ctx, true),
      (brush) => drawOrders(brush, this.links, at),
      (brush) => drawIncidents(brush, this.badges),
      (brush) => drawTeams(brush, this.spots),
      ({ ctx, labels }) => labels.paint(ctx, false),
    ]);
  }

  /** Names find room in the order of what an operator looks for. */
  private name(brush: Brush, at: SpotOf): void {
    reserveIncidents(brush, this.badges);
    reserveTeams(brush, this.spots);
    reserveWritten(brush, this.written);
    nameTeams(brush, this.spots, true);
    nameIncidents(brush, this.badges);
    nameOrders(brush, this.links, at);
    namePlaces(brush, this.named, this.map.getZoom());
    nameTeams(brush, this.spots, false);
  }
}
