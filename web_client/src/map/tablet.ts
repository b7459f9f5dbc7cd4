/** The tablet's map: the ground, the way, the place, the device; it follows the device or shows the whole way. */
import type { FeatureCollection } from "geojson";
import type { Map as MapLibre } from "maplibre-gl";
import { servedBasemap, type Basemap } from "./basemap";
import { flatMap, GroundLayers } from "./ground";
import { fillSource, install, repaint } from "./layer";
import type { Palette } from "./style";
import { spotFeatures, way, wayFeatures } from "./way";

type Place = readonly [number, number];

/** The ground lies beneath the way; its names above that, for they say where to turn. */
const ORDER = { beneath: "way-casing", names: "spots-ring" };
const FOLLOW_ZOOM = 16;
const EDGE_PX = { top: 48, left: 48, bottom: 48, right: 170 }; // the buttons stand on the right

/** One map in one element. */
export class TabletMap {
  private readonly map: MapLibre;
  private readonly pending = new Map<string, FeatureCollection>();
  private ready = false;
  private gone = false;
  private palette: Palette;
  private readonly ground: GroundLayers;
  private line: readonly Place[] = [];
  private there: Place | null = null;
  private here: Place | null = null;
  private bounds: readonly [number, number, number, number] | null = null;
  private following = false;

  constructor(container: HTMLElement, palette: Palette, touched: () => void, basemap: Basemap = servedBasemap()) {
    this.map = flatMap(container, palette, 0);
    this.palette = palette;
    this.map.on("load", () => this.begin());
    this.ground = new GroundLayers(this.map, palette, basemap, ORDER);
    this.map.on("dragstart", () => {
      this.following = false;
      touched();
    });
    this.map.on("resize", () => this.look());
  }

  private begin(): void {
    install(this.map, way, this.palette);
    this.ready = true;
    for (const [name, data] of this.pending) fillSource(this.map, name, data);
    this.pending.clear();
  }

  /** Know how far the ground goes. */
  setBounds(bounds: readonly [number, number, number, number]): void {
    this.bounds = bounds;
    this.look();
  }

  /** The way and the place, or neither. */
  setWay(line: readonly Place[], there: Place | null): void {
    this.line = line;
    this.there = there;
    this.fill("way", wayFeatures(line));
    this.fill("spots", spotFeatures(there, this.here));
    this.look();
  }

  /** Where the device is. */
  setHere(here: Place | null): void {
    const first = this.here === null;
    this.here = here;
    this.fill("spots", spotFeatures(this.there, here));
    if (this.following || first) this.look();
  }

  /** Follow the device, or show the whole way. */
  follow(on: boolean): void {
    this.following = on;
    this.look();
  }

  setPalette(palette: Palette): void {
    this.palette = palette;
    this.ground.setPalette(palette);
    if (!this.ready) return;
    repaint(this.map, way, palette);
    this.map.setPaintProperty("land", "background-color", palette.land);
  }

  destroy(): void {
    this.gone = true;
    this.ground.remove();
    this.map.remove();
  }

  private fill(name: string, data: FeatureCollection): void {
    if (this.gone) return; // a picture that was asked for before the map was taken away
    if (this.ready) fillSource(this.map, name, data);
    else this.pending.set(name, data);
  }

  private look(): void {
    if (this.gone) return;
    if (this.following && this.here !== null) {
      this.map.jumpTo({ center: [this.here[0], this.here[1]], zoom: Math.max(this.map.getZoom(), FOLLOW_ZOOM) });
      return;
    }
    const all: Place[] = [...this.line, ...(this.there === null ? [] : [this.there]), ...(this.here === null ? [] : [this.here])];
    const [west, south, east, north] = this.there === null || all.length < 2 ? (this.bounds ?? [0, 0, 0, 0]) : frame(all);
    if (west === 0 && east === 0) return;
    this.map.fitBounds([west, south, east, north], { padding: EDGE_PX, animate: false, maxZoom: FOLLOW_ZOOM });
  }
}

function frame(all: readonly Place[]): [number, number, number, number] {
  const lons = all.map(([lon]) => lon);
  const lats = all.map(([, lat]) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
