/** The plane of the map: against Web Mercator's own closed form, and by its laws. */
import { describe, expect, it } from "vitest";
import { latitude, mercator, planeOf } from "../src/map/plane";

/** A point of the world as a share of its width, from the north west corner (EPSG:3857 in the form of the tile schemes). */
function tiles(lon: number, lat: number): { x: number; y: number } {
  const phi = (lat * Math.PI) / 180;
  return { x: (lon + 180) / 360, y: (1 - Math.asinh(Math.tan(phi)) / Math.PI) / 2 };
}

describe("the plane of a map that is neither turned nor tilted", () => {
  const centre = { lng: 120.61, lat: 27.98 };

  it("puts every point where Web Mercator's closed form puts it, at every zoom", () => {
    for (const zoom of [8, 12.3, 17.5]) {
      const width = 512 * 2 ** zoom;
      const at = planeOf(centre, { x: 640, y: 400 }, zoom);
      const middle = tiles(centre.lng, centre.lat);
      for (const [lon, lat] of [[120.61, 27.98], [120.7, 28.1], [120.4, 27.5], [121.3, 30]] as const) {
        const point = tiles(lon, lat);
        const spot = at([lon, lat]);
        expect(Math.hypot(spot.x - 640 - (point.x - middle.x) * width, spot.y - 400 - (point.y - middle.y) * width)).toBeLessThan(0.01);
      }
    }
  });

  it("a northing and its latitude are one point", () => {
    for (const lat of [-60, 0, 28, 80]) expect(latitude(mercator(lat))).toBeCloseTo(lat, 9);
  });
});
