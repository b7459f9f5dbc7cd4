/**
 * The ground's vector tiles, read in the page out of one PMTiles file; no other host is asked.
 *
 * `servedBasemap()` reads the file at the service, part by part (HTTP Range). `storedBasemap(blob)` reads a copy that
 * a tablet keeps, for example `await (await handle.getFile())` of a file in OPFS. Hand either to `new MapView(…)`.
 */
import { addProtocol, type Map as MapLibre, type VectorSourceSpecification } from "maplibre-gl";
import { FetchSource, PMTiles, type Source } from "pmtiles";

/** Where the service has the file. */
export const BASEMAP_URL = "/api/ground/basemap.pmtiles";

/** The name of the map's one tile source, and of the layers in each tile. */
export const GROUND = "ground";

const SCHEME = "ground";
const AGAIN_MS = [2_000, 5_000, 15_000, 60_000] as const;

/** A map to be drawn: how to open it, anew after every failure, for what failed is not asked again. */
export interface Basemap {
  readonly key: string;
  open(): PMTiles;
}

/** The map as the service has it. */
export function servedBasemap(url: string = BASEMAP_URL): Basemap {
  return { key: url, open: () => new PMTiles(new FetchSource(url)) };
}

/** The map out of a file that this device keeps; `name` tells two of them apart. */
export function storedBasemap(blob: Blob, name = "stored"): Basemap {
  const source: Source = {
    getKey: () => name,
    getBytes: async (offset, length) => ({ data: await blob.slice(offset, offset + length).arrayBuffer() }),
  };
  return { key: name, open: () => new PMTiles(source) };
}

const archives = new Map<string, PMTiles>();
let known = false;
let last = 0;

/** Tiles by the address `ground://number/z/x/y`; one that is not in the file is empty, not missing. */
function listen(): void {
  if (known) return;
  known = true;
  addProtocol(SCHEME, async ({ url }, { signal }) => {
    const [number = "", z, x, y] = url.slice(`${SCHEME}://`.length).split("/");
    const tile = await archives.get(number)?.getZxy(Number(z), Number(x), Number(y), signal);
    return { data: tile?.data ?? new ArrayBuffer(0) };
  });
}

/** The map's tile source, kept alive: opened again after a failure, less and less often; `onReady` once it can be drawn. */
export class GroundSource {
  private readonly number = String((last += 1));
  private timer: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private gone = false;

  constructor(
    private readonly map: MapLibre,
    private readonly basemap: Basemap,
    private readonly onReady: () => void,
  ) {
    listen();
    map.on("error", this.onError);
    void this.begin();
  }

  /** Stop trying, and forget the file. */
  remove(): void {
    this.gone = true;
    if (this.timer !== null) clearTimeout(this.timer);
    archives.delete(this.number);
  }

  private async begin(): Promise<void> {
    const archive = this.basemap.open();
    try {
      const { minZoom, maxZoom, minLon, minLat, maxLon, maxLat } = await archive.getHeader();
      if (this.gone) return;
      archives.set(this.number, archive);
      this.failures = 0;
      this.map.addSource(GROUND, sourceOf(this.number, minZoom, maxZoom, [minLon, minLat, maxLon, maxLat]));
      this.onReady();
    } catch {
      this.later(() => void this.begin()); // no service, nobody signed in, or no map: lists and teams are drawn all the same
    }
  }

  private readonly onError = (event: { sourceId?: string; error?: Error }): void => {
    if (event.sourceId !== GROUND) {
      if (event.error !== undefined) console.error(event.error.message);
      return;
    }
    this.later(() => {
      archives.set(this.number, this.basemap.open());
      this.map.refreshTiles(GROUND);
    });
  };

  private later(act: () => void): void {
    if (this.gone || this.timer !== null) return;
    const wait_ms = AGAIN_MS[Math.min(this.failures, AGAIN_MS.length - 1)] ?? 60_000;
    this.failures += 1;
    this.timer = setTimeout(() => {
      this.timer = null;
      if (!this.gone) act();
    }, wait_ms);
  }
}

function sourceOf(number: string, minzoom: number, maxzoom: number, bounds: [number, number, number, number]): VectorSourceSpecification {
  return { type: "vector", tiles: [`${SCHEME}://${number}/{z}/{x}/{y}`], minzoom, maxzoom, bounds };
}
