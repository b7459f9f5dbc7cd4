/** Past incidents: reading a CSV file in the browser, and what a filter of weekdays and hour leaves of the heat; pure. */
import type { HeatView } from "../wire/types.gen";

/** Past incidents of one history, as the service takes them. */
export const MOST_ROWS = 100_000;
/** Of one request. */
export const ROWS_A_PART = 1_000;

/** Latitude, longitude, local day since 1970-01-01, local hour. */
export type PastRow = [number, number, number, number];

/** What was read of a file: rows, how many lines were passed over, and the first of them with the column that is wrong. */
export interface Read {
  readonly rows: readonly PastRow[];
  readonly passed: number;
  readonly firstBad: { readonly line: number; readonly column: string } | null;
  /** The column that is missing: then nothing was read. */
  readonly missing: "time" | "place" | null;
}

const LAT = ["lat", "latitude", "y", "纬度"];
const LON = ["lon", "lng", "long", "longitude", "x", "经度"];
const BOTH = ["location", "point", "位置"];
const TIME = ["time", "at", "datetime", "timestamp", "received dttm", "received", "reported_at", "call date", "date", "报警时间", "接警时间", "时间"];
const ONE = ["incident number", "call number", "incident", "id", "警情编号"];

/** Split CSV text into rows of fields (RFC 4180: quotes, doubled quotes, line breaks within quotes). */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, quoted]: [string[], string, boolean] = [[], "", false];
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') field += text[++at] ?? "";
      else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ",") field = push(row, field);
    else if (char === "\n") {
      push(row, field);
      rows.push(row);
      [row, field] = [[], ""];
    } else if (char !== "\r") field += char;
  }
  if (field !== "" || row.length > 0) {
    push(row, field);
    rows.push(row);
  }
  return rows;
}

function push(row: string[], field: string): string {
  row.push(field.trim());
  return "";
}

/** Past incidents of a CSV file: columns lat and lon (or one "POINT"-like pair) and a local time; a call that stands in several rows counts once. */
export function readPast(text: string): Read {
  const [heading, ...lines] = csvRows(text);
  const column = (names: readonly string[]): number => {
    const heads = (heading ?? []).map((name) => name.toLowerCase());
    for (const name of names) if (heads.includes(name)) return heads.indexOf(name);
    return -1;
  };
  const [lat, lon, both, time, one] = [column(LAT), column(LON), column(BOTH), column(TIME), column(ONE)];
  const none = { rows: [], passed: lines.length, firstBad: null };
  if (time < 0) return { ...none, missing: "time" };
  if ((lat < 0 || lon < 0) && both < 0) return { ...none, missing: "place" };
  const rows: PastRow[] = [];
  const seen = new Set<string>();
  let [passed, firstBad]: [number, Read["firstBad"]] = [0, null];
  for (const [index, fields] of lines.entries()) {
    const name = one < 0 ? "" : (fields[one] ?? "");
    if (name !== "" && seen.has(name)) continue;
    const at = lat >= 0 && lon >= 0 ? pair(fields[lat], fields[lon]) : pairOf(fields[both] ?? "");
    const when = localTime(fields[time] ?? "");
    if (at === null || when === null || rows.length >= MOST_ROWS) {
      passed++;
      firstBad ??= { line: index + 2, column: heading?.[at === null ? (lat >= 0 ? lat : both) : time] ?? "" };
      continue;
    }
    if (name !== "") seen.add(name);
    rows.push([at[0], at[1], when[0], when[1]]);
  }
  return { rows, passed, firstBad, missing: null };
}

function pair(lat: string | undefined, lon: string | undefined): [number, number] | null {
  if (lat === undefined || lon === undefined || lat === "" || lon === "") return null;
  const [y, x] = [Number(lat), Number(lon)];
  return Math.abs(y) <= 90 && Math.abs(x) <= 180 ? [round(y), round(x)] : null;
}

/** `(lat, lon)`, or `POINT (lon lat)`. */
function pairOf(text: string): [number, number] | null {
  const figures = text.match(/-?\d+(\.\d+)?/g);
  if (figures?.length !== 2) return null;
  return /point/i.test(text) ? pair(figures[1], figures[0]) : pair(figures[0], figures[1]);
}

const round = (degrees: number): number => Math.round(degrees * 1e5) / 1e5;

/** Local day number and hour of `2026-11-24 18:30`, `2026/11/24T18:30:05`, `11/24/2026 06:30:05 PM`; null for anything else. */
export function localTime(text: string): [number, number] | null {
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[ T](\d{1,2}):\d{2}/.exec(text);
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):\d{2}(?::\d{2})?(?:\s*([AP])M)?/i.exec(text);
  const [year, month, day, clock] = iso !== null ? iso.slice(1, 5).map(Number) : american !== null ? [american[3], american[1], american[2], american[4]].map(Number) : [];
  if (year === undefined || month === undefined || day === undefined || clock === undefined) return null;
  const half = american?.[5]?.toUpperCase();
  const hour = half === undefined ? clock : (clock % 12) + (half === "P" ? 12 : 0);
  const date = Date.UTC(year, month - 1, day);
  if (new Date(date).getUTCMonth() !== month - 1 || hour > 23 || date < 0) return null;
  return [Math.floor(date / 86_400_000), hour];
}

/** Rows in parts that the service takes. */
export function partsOf(rows: readonly PastRow[]): PastRow[][] {
  const parts: PastRow[][] = [];
  for (let at = 0; at < rows.length; at += ROWS_A_PART) parts.push(rows.slice(at, at + ROWS_A_PART));
  return parts;
}

/** How many past incidents each cell has on these weekdays (none: all) in this hour (null: all day). */
export function heatOf(view: HeatView, weekdays: ReadonlySet<number>, hour: number | null): Uint32Array {
  const found = new Uint32Array(view.lon.length);
  for (const [cell, slot, count] of view.rows) {
    if (weekdays.size > 0 && !weekdays.has(Math.floor(slot / 24))) continue;
    if (hour !== null && slot % 24 !== hour) continue;
    found[cell] = (found[cell] ?? 0) + count;
  }
  return found;
}

/** How many past incidents each hour of the day has on these weekdays. */
export function heatByHour(view: HeatView, weekdays: ReadonlySet<number>): number[] {
  const found = Array.from({ length: 24 }, () => 0);
  for (const [, slot, count] of view.rows) if (weekdays.size === 0 || weekdays.has(Math.floor(slot / 24))) found[slot % 24] = (found[slot % 24] ?? 0) + count;
  return found;
}
