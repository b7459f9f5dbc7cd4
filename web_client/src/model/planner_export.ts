/** What a planner takes away: CSV and GeoJSON as text; pure. */
import type { FeatureCollection } from "geojson";
import type { CoverView, GapView, GroupView, PostBody } from "../wire/types.gen";

type Value = string | number | null;

/** CSV by RFC 4180, with a byte-order mark so that spreadsheets read Chinese; text that a spreadsheet would run is disarmed. */
export function csvText(heading: readonly string[], rows: readonly (readonly Value[])[]): string {
  return `\ufeff${[heading, ...rows].map((row) => row.map(csvField).join(",")).join("\r\n")}\r\n`;
}

function csvField(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The gaps as CSV. */
export function gapsCsv(gaps: readonly GapView[]): string {
  const heading = ["tier", "name", "name_en", "street", "lat", "lon", "weight", "target_s", "nearest", "travel_s", "missing_s"];
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
  return csvText(
    heading,
    gaps.map((gap) => [gap.tier, gap.name, gap.name_en, gap.street, gap.lat, gap.lon, gap.weight / 1000, gap.target_ms / 1000, gap.post, seconds(gap.travel_ms), seconds(gap.missing_ms)]),
  );
}

/** The coverage table as CSV. */
export function coverCsv(view: CoverView): string {
  const heading = ["wave", "tier", "within_s", "k", "demand", "covered", "points", "covered_points"];
  return csvText(
    heading,
    view.cells.map((cell) => [
      cell.wave ?? "all", cell.tier ?? "all", cell.limit_ms === null ? "own target" : cell.limit_ms / 1000, cell.k,
      cell.demand / 1000, cell.covered / 1000, cell.points, cell.covered_points,
    ]),
  );
}

/** A report as CSV: a line a group and leg. */
export function reportCsv(groups: readonly GroupView[]): string {
  const heading = ["group", "tier", "target_s", "incidents", "arrived", "in_time", "leg", "n", "p50_s", "p90_s"];
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
  return csvText(
    heading,
    groups.flatMap((group) =>
      group.legs.map((leg) => [group.name, group.tier, seconds(group.target_ms), group.incidents, group.arrived, group.met, leg.leg, leg.n, seconds(leg.p50_ms), seconds(leg.p90_ms)]),
    ),
  );
}

/** Posts and gaps as GeoJSON (RFC 7946, WGS-84). */
export function planGeoJson(posts: readonly PostBody[], gaps: readonly GapView[]): FeatureCollection {
  const at = (lon: number, lat: number) => ({ type: "Point" as const, coordinates: [lon, lat] });
  return {
    type: "FeatureCollection",
    features: [
      ...posts.map(({ lon, lat, ...properties }) => ({ type: "Feature" as const, geometry: at(lon, lat), properties: { what: "post", ...properties } })),
      ...gaps.map(({ lon, lat, ...properties }) => ({ type: "Feature" as const, geometry: at(lon, lat), properties: { what: "gap", ...properties } })),
    ],
  };
}
