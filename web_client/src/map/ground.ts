/**
 * The whole ground on a map: areas and roads beneath the layers that live, names above. For every view of ours:
 *
 *     const ground = new GroundLayers(map, palette, basemap, { beneath: "circles-fill", names: "places-dot" });
 *     ground.setPalette(palette);  ground.hide(["郭溪派出所"]);  ground.remove();
 *
 * It speaks the language of the document (`<html lang>`). Make it right after the map, before that has loaded.
 */
import { Map as MapLibre, type ExpressionSpecification } from "maplibre-gl";
import { areas } from "./areas";
import { GroundSource, type Basemap } from "./basemap";
import { loadFonts } from "./fonts";
import { addIcons } from "./icons";
import { install, repaint, type MapLayer } from "./layer";
import { nameIn, namesIn, roomFor } from "./names";
import { whenSettled, drawsInSoftware } from "./pace";
import { roads } from "./roads";
import { emptyStyle, type Palette } from "./style";

/** The layers that areas and roads, and names, are put beneath (left out: on top), and what else is named. */
export interface Order {
  readonly beneath?: string;
  readonly names?: string;
  /** The source of our own places, whose names are drawn above the map. */
  readonly places?: string;
}

const SHAPES: readonly MapLayer[] = [areas, roads];

/** Areas, roads and names of the ground, from the moment its tiles can be read. */
export class GroundLayers {
  private readonly language: MutationObserver;
  private source: GroundSource | null = null;
  private drawn = false;
  private laid = false;
  private gone = false;
  private hidden: readonly string[] = [];

  constructor(
    private readonly map: MapLibre,
    private palette: Palette,
    basemap: Basemap,
    private readonly order: Order = {},
  ) {
    this.tell();
    this.language = new MutationObserver(() => this.speak());
    this.language.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
    void this.begin(basemap);
  }

  /** Change all colours. */
  setPalette(palette: Palette): void {
    this.palette = palette;
    const there = [...(this.drawn ? SHAPES : []), ...(this.laid ? [namesIn(isEnglish())] : [])];
    for (const layer of there) repaint(this.map, layer, palette);
  }

  /** Names that somebody else writes: the ground does not write them a second time. */
  hide(names: readonly string[]): void {
    this.hidden = names;
    if (!this.laid) return;
    const shown: ExpressionSpecification = ["!", ["in", nameIn(isEnglish()), ["literal", [...names]]]];
    for (const one of namesIn(false).layers(this.palette)) {
      if (!("source-layer" in one) || one["source-layer"] !== "names" || one.filter === undefined) continue;
      this.map.setFilter(one.id, ["all", one.filter as ExpressionSpecification, shown]);
    }
  }

  /** Stop reading; call it before the map is removed. */
  remove(): void {
    this.gone = true;
    this.language.disconnect();
    this.source?.remove();
  }

  private async begin(basemap: Basemap): Promise<void> {
    const fonts = loadFonts();
    await this.map.once("load");
    if (this.gone) return;
    addIcons(this.map);
    this.source = new GroundSource(this.map, basemap, () => void this.lay(fonts));
  }

  private async lay(fonts: Promise<void>): Promise<void> {
    for (const layer of SHAPES) install(this.map, layer, this.palette, this.there(this.order.beneath));
    this.drawn = true;
    await fonts; // a name that was drawn without its typeface stays so
    if (this.gone) return;
    install(this.map, namesIn(isEnglish()), this.palette, this.there(this.order.names));
    const { places } = this.order;
    if (places !== undefined && this.map.getSource(places) !== undefined) this.map.addLayer(roomFor(places), "names-small");
    this.laid = true;
    this.hide(this.hidden);
  }

  private there(layer: string | undefined): string | undefined {
    return layer !== undefined && this.map.getLayer(layer) !== undefined ? layer : undefined;
  }

  /** `data-drawn` stands on the map's element while all of the ground that is in sight is drawn, `data-zoom` says how close. */
  private tell(): void {
    const { dataset } = this.map.getContainer();
    this.map.on("idle", () => this.laid && (dataset["drawn"] = "yes"));
    this.map.on("dataloading", () => delete dataset["drawn"]);
    this.map.on("moveend", () => (dataset["zoom"] = this.map.getZoom().toFixed(2)));
    this.map.on("movestart", () => delete dataset["drawn"]);
  }

  private speak(): void {
    if (!this.laid) return;
    for (const one of namesIn(isEnglish()).layers(this.palette)) {
      if (one.type === "symbol" && one.id !== "names-ref") this.map.setLayoutProperty(one.id, "text-field", nameIn(isEnglish()));
    }
    this.hide(this.hidden);
  }
}

function isEnglish(): boolean {
  return document.documentElement.lang === "en";
}

/** A map without anything on it yet, seen from straight above, north up; `fade_ms` is how long names take to appear. */
export function flatMap(container: HTMLElement, palette: Palette, fade_ms: number): MapLibre {
  const map = new MapLibre({
    container,
    style: emptyStyle(palette),
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 19,
    fadeDuration: drawsInSoftware() ? 0 : fade_ms,
    trackResize: false,
    center: [0, 0],
    zoom: 1,
  });
  let gone = false;
  const sizes = new ResizeObserver(whenSettled(() => void (gone || map.resize())));
  sizes.observe(container);
  map.once("remove", () => {
    gone = true;
    sizes.disconnect();
  });
  map.touchZoomRotate.disableRotation();
  return map;
}
