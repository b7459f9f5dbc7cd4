/** Web Mercator as one scale and one shift: where a map is neither turned nor tilted, a thousand points need no matrix. */

const DEGREE = Math.PI / 180;
const TILE_PX = 512;

/** The northing of a latitude in Web Mercator (EPSG:3857), in degrees of longitude's scale. */
export function mercator(lat: number): number {
  return Math.log(Math.tan(Math.PI / 4 + (lat * DEGREE) / 2)) / DEGREE;
}

/** The latitude of a northing. */
export function latitude(merc: number): number {
  return (2 * Math.atan(Math.exp(merc * DEGREE)) - Math.PI / 2) / DEGREE;
}

/** From longitude and latitude to pixels of the page, where `centre` is drawn at `at` and the world is 512 · 2^zoom wide. */
export function planeOf(centre: { readonly lng: number; readonly lat: number }, at: { readonly x: number; readonly y: number }, zoom: number): (point: readonly [number, number]) => { x: number; y: number } {
  const scale = (TILE_PX * 2 ** zoom) / 360;
  const middle = mercator(centre.lat);
  return ([lon, lat]) => ({ x: at.x + (lon - centre.lng) * scale, y: at.y - (mercator(lat) - middle) * scale });
}
