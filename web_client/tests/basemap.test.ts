/** The ground's tiles and styles: read out of a file, valid for MapLibre, in both languages, by day and by night. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { validateStyleMin, type StyleSpecification } from "@maplibre/maplibre-gl-style-spec";
import { describe, expect, it } from "vitest";
import { areas } from "../src/map/areas";
import { GROUND, storedBasemap } from "../src/map/basemap";
import { nameIn, namesIn, roomFor } from "../src/map/names";
import { roads } from "../src/map/roads";
import { paletteOf, type Palette } from "../src/map/style";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const words = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].flatMap((match) => match[1] ?? []))];
const layersIn = (palette: Palette, english: boolean) => [...areas.layers(palette), ...roads.layers(palette), ...namesIn(english).layers(palette)];

describe("a file that the device keeps", () => {
  const bytes = readFileSync(new URL("tests/golden/one_road.pmtiles", ROOT));

  it("is read part by part, and holds the road that Python wrote", async () => {
    const archive = storedBasemap(new Blob([bytes]), "one").open();
    const header = await archive.getHeader();
    expect([header.minZoom, header.maxZoom]).toEqual([8, 14]);
    expect(header.minLon).toBeCloseTo(120.5, 6);
    const tile = await archive.getZxy(8, 213, 107);
    const data = Buffer.from(tile?.data ?? new ArrayBuffer(0));
    const plain = data[0] === 0x1f ? gunzipSync(data) : data;
    for (const word of ["roads", "trunk", "郭溪大道", "Guoxi Avenue"]) expect(plain.includes(Buffer.from(word)), word).toBe(true);
    expect(await archive.getZxy(8, 0, 0)).toBeUndefined();
  });

  it("a file that is none says so", async () => {
    await expect(storedBasemap(new Blob(["no tiles"]), "none").open().getHeader()).rejects.toThrow();
  });
});

describe.each(["day", "night"] as const)("the %s style", (look) => {
  const palette = paletteOf(look);

  it.each([true, false])("is valid (English: %s)", (english) => {
    const style: StyleSpecification = {
      version: 8,
      sources: { [GROUND]: { type: "vector", tiles: ["ground://1/{z}/{x}/{y}"] }, places: { type: "geojson", data: { type: "FeatureCollection", features: [] } } },
      layers: [...layersIn(palette, english), roomFor("places")],
    };
    expect(validateStyleMin(style).map((error) => error.message)).toEqual([]);
  });

  it("asks for the layers and kinds that the tiles have", () => {
    const made = words(/LAYERS: Final = \(([^)]*)\)/.exec(read("geo_data/basemap/features.py"))?.[1] ?? "", /"(\w+)"/g);
    const asked = layersIn(palette, false).map((layer) => ("source-layer" in layer ? layer["source-layer"] : ""));
    expect([...new Set(asked)].sort()).toEqual(made.sort());
    const classes = words(/ROAD_FROM_ZOOM[^{]*\{([^}]*)\}/.exec(read("geo_data/basemap/features.py"))?.[1] ?? "", /"(\w+)":/g);
    const drawn = JSON.stringify(roads.layers(palette));
    expect(classes.length).toBeGreaterThan(12);
    for (const one of classes) expect(drawn, one).toContain(`"${one}"`);
    const kinds = words(read("geo_data/basemap/kinds.py"), /\}\), "(\w+)", \d+\)/g);
    const filled = JSON.stringify(areas.layers(palette));
    expect(kinds.length).toBeGreaterThan(10);
    for (const kind of kinds) expect(filled, kind).toContain(`"${kind}"`);
  });

  it("no layer is named twice, and greater roads lie above lesser ones", () => {
    const ids = layersIn(palette, true).map((layer) => layer.id);
    expect(new Set(ids).size).toBe(ids.length);
    const order = ["service", "minor", "tertiary", "secondary", "primary", "top"].map((band) => ids.indexOf(`roads-ground-${band}`));
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });
});

describe("names", () => {
  it("English has its own where there is one, Chinese comes first otherwise", () => {
    expect(nameIn(true).slice(1, 3)).toEqual([["get", "name_en"], ["get", "name"]]);
    expect(nameIn(false).slice(1, 3)).toEqual([["get", "name"], ["get", "name_en"]]);
  });
});
