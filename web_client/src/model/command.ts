/**
 * The command bar's language: a verb in Chinese or English, then a team, an incident, free words, in a forgiving way.
 *
 * `parse(text, context)` says what would be done, so that it can be shown before Enter; it never does anything. What
 * is left out is taken from the selected incident. Law: every command that it returns names things of the context.
 */
import type { Incident, Order, PlaceView, Team } from "../wire/types.gen";
import { findIncident, findPlace, findTeam, plain, type Found } from "./lookup";

/** The verbs; the first word of each is shown in the sheet. */
export const VERBS = {
  send: { zh: ["派", "派出", "派遣", "指派"], en: ["send", "s"] },
  confirm: { zh: ["确认", "同意"], en: ["confirm", "ok"] },
  close: { zh: ["结", "结案", "关闭", "办结"], en: ["close", "c"] },
  reopen: { zh: ["恢复", "重开"], en: ["reopen"] },
  note: { zh: ["备注", "记", "注"], en: ["note", "n"] },
  recall: { zh: ["撤回", "召回"], en: ["recall"] },
  undo: { zh: ["撤销", "取消"], en: ["undo", "u"] },
  wave: { zh: ["增援", "下一波", "波次"], en: ["wave"] },
  help: { zh: ["求援", "求助"], en: ["help"] },
  merge: { zh: ["合并", "并"], en: ["merge", "m"] },
  unmerge: { zh: ["拆分", "取消合并"], en: ["unmerge"] },
  duty_on: { zh: ["上岗"], en: ["on"] },
  duty_off: { zh: ["下岗"], en: ["off"] },
  patrol: { zh: ["恢复巡逻", "巡逻"], en: ["patrol"] },
  go: { zh: ["去", "到", "定位"], en: ["go", "g"] },
  past: { zh: ["回看", "回放"], en: ["past"] },
  now: { zh: ["现在", "返回"], en: ["now", "live"] },
} as const;

/** What is done. */
export type Verb = keyof typeof VERBS;

/** A place that the map can go to. */
export type Spot = Pick<PlaceView, "name" | "name_en" | "lon" | "lat">;

/** What the words are about. */
export interface Context {
  readonly teams: readonly Team[];
  readonly incidents: readonly Incident[];
  readonly orders: ReadonlyMap<string, Order>;
  /** The live order of each team. */
  readonly live: ReadonlyMap<string, Order>;
  readonly places: readonly PlaceView[];
  /** What the service found for `placeWish` of the text, the best first. */
  readonly found?: readonly Spot[];
  readonly selected: string | null;
}

/** A command that is understood wholly. */
export type Command =
  | { readonly verb: "send"; readonly team: Team; readonly incident: Incident; readonly reason: string }
  | { readonly verb: "close" | "note"; readonly incident: Incident; readonly text: string }
  | { readonly verb: "reopen" | "wave" | "confirm" | "unmerge"; readonly incident: Incident }
  | { readonly verb: "recall"; readonly order: Order; readonly reason: string }
  | { readonly verb: "undo"; readonly order: Order }
  | { readonly verb: "help"; readonly order: Order; readonly text: string }
  | { readonly verb: "merge"; readonly incident: Incident; readonly into: Incident }
  | { readonly verb: "duty_on" | "duty_off" | "patrol"; readonly team: Team }
  | { readonly verb: "go"; readonly place: Spot | null; readonly incident: Incident | null; readonly team: Team | null }
  | { readonly verb: "past"; readonly at: { readonly seq: number } | { readonly minutes_of_day: number; readonly seconds: number } | { readonly back_ms: number } }
  | { readonly verb: "now" };

/** What is missing or not clear. */
export type Gap = "empty" | "verb" | "team" | "teams" | "incident" | "incidents" | "order" | "text" | "place" | "places" | "time" | "not_recommended";

/** The reading of a text. */
export type Reading =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly gap: Gap; readonly verb: Verb | null; readonly choices: readonly string[] };

type Read<One> = { readonly one: One } | { readonly gap: Gap; readonly choices: readonly string[] };

/** Read a text. */
export function parse(text: string, context: Context): Reading {
  const words = plain(text).replace(/^\//, "").trim();
  if (words === "") return no("empty", null);
  const found = verbOf(words);
  if (found === null) return no("verb", null, suggestions(words));
  return READERS[found.verb](found.rest, context, found.verb);
}

/** Verbs that begin with what was typed. */
export function suggestions(words: string): string[] {
  const all = Object.values(VERBS).flatMap(({ zh, en }) => [zh[0], en[0]] as string[]);
  return all.filter((verb) => verb.startsWith(words)).slice(0, 6);
}

function verbOf(words: string): { verb: Verb; rest: string } | null {
  const spoken = (Object.entries(VERBS) as [Verb, { zh: readonly string[]; en: readonly string[] }][])
    .flatMap(([verb, { zh, en }]) => [...zh.map((word) => ({ verb, word, glued: true })), ...en.map((word) => ({ verb, word, glued: false }))])
    .sort((a, b) => b.word.length - a.word.length);
  for (const { verb, word, glued } of spoken) {
    if (words === word || words.startsWith(`${word} `)) return { verb, rest: words.slice(word.length).trim() };
    if (glued && words.startsWith(word)) return { verb, rest: words.slice(word.length).trim() };
  }
  return null;
}

type Reader = (rest: string, context: Context, verb: Verb) => Reading;

const READERS: Readonly<Record<Verb, Reader>> = {
  send: (rest, context) => {
    const led = lead(rest, (word) => findTeam(context.teams, word));
    if (led === null) return unclear("team", "teams", findTeam(context.teams, rest.split(" ")[0] ?? ""), "send", (team) => team.name);
    const [incident, reason] = incidentAndText(led.rest, context);
    if (!("one" in incident)) return no(incident.gap, "send", incident.choices);
    return yes({ verb: "send", team: led.one, incident: incident.one, reason });
  },
  close: (rest, context) => withText("close", rest, context, true),
  note: (rest, context) => withText("note", rest, context, false),
  reopen: onIncident,
  wave: onIncident,
  unmerge: onIncident,
  confirm: (rest, context, verb) => {
    const reading = onIncident(rest, context, verb);
    if (!reading.ok || reading.command.verb !== "confirm") return reading;
    return reading.command.incident.recommended.length === 0 ? no("not_recommended", "confirm") : reading;
  },
  recall: (rest, context) => {
    const found = orderAndText(rest, context);
    return "one" in found ? yes({ verb: "recall", order: found.one, reason: found.text }) : no(found.gap, "recall", found.choices);
  },
  undo: (rest, context) => {
    const found = orderAndText(rest, context);
    return "one" in found ? yes({ verb: "undo", order: found.one }) : no(found.gap, "undo", found.choices);
  },
  help: (rest, context) => {
    const found = orderAndText(rest, context);
    return "one" in found ? yes({ verb: "help", order: found.one, text: found.text }) : no(found.gap, "help", found.choices);
  },
  merge: (rest, context) => {
    const [first, second] = rest.split(/[ ,，、到入]+/).filter((word) => word !== "");
    if (first === undefined) return no("incident", "merge");
    const one = read(findIncident(context.incidents, second === undefined ? (context.selected ?? "") : first), "incident", "incidents", (incident) => incident.incident);
    const into = read(findIncident(context.incidents, second ?? first), "incident", "incidents", (incident) => incident.incident);
    if (!("one" in one)) return no(one.gap, "merge", one.choices);
    if (!("one" in into)) return no(into.gap, "merge", into.choices);
    return one.one === into.one ? no("incident", "merge") : yes({ verb: "merge", incident: one.one, into: into.one });
  },
  duty_on: onTeam,
  duty_off: onTeam,
  patrol: onTeam,
  go: (rest, context) => {
    const own = goOwn(rest, context);
    if ("to" in own) return yes({ verb: "go", ...own.to });
    const best = rest === "" ? undefined : context.found?.[0];
    if (best !== undefined) return yes({ verb: "go", place: best, incident: null, team: null });
    return unclear("place", "places", own.place, "go", (one) => one.name);
  },
  past: (rest) => {
    const at = momentOf(rest);
    return at === null ? no("time", "past") : yes({ verb: "past", at });
  },
  now: () => yes({ verb: "now" }),
};

type Goal = Omit<Extract<Command, { verb: "go" }>, "verb">;

/** Where `go` leads by what the board itself knows: an incident, one of its places, a team. */
function goOwn(rest: string, context: Context): { to: Goal } | { place: Found<PlaceView> } {
  const nothing: Goal = { place: null, incident: null, team: null };
  const incident = /^[i#]/.test(rest) || /^\d{2,}$/.test(rest) ? findIncident(context.incidents, rest) : ({ kind: "none" } as const);
  if (incident.kind === "one") return { to: { ...nothing, incident: incident.one } };
  const place = findPlace(context.places, rest);
  if (place.kind === "one") return { to: { ...nothing, place: place.one } };
  const team = findTeam(context.teams, rest);
  return team.kind === "one" ? { to: { ...nothing, team: team.one } } : { place };
}

/** The words after `go` that the board itself does not know: a street, a village, initials; null where nothing is to be asked. */
export function placeWish(text: string, context: Context): string | null {
  const found = verbOf(plain(text).replace(/^\//, "").trim());
  if (found === null || found.verb !== "go" || found.rest === "") return null;
  return "to" in goOwn(found.rest, context) ? null : found.rest;
}

function onIncident(rest: string, context: Context, verb: Verb): Reading {
  const found = read(findIncident(context.incidents, rest === "" ? (context.selected ?? "") : rest), "incident", "incidents", (one) => one.incident);
  if (!("one" in found)) return no(found.gap, verb, found.choices);
  return yes({ verb: verb as "reopen" | "wave" | "confirm" | "unmerge", incident: found.one });
}

function onTeam(rest: string, context: Context, verb: Verb): Reading {
  const found = read(findTeam(context.teams, rest), "team", "teams", (team) => team.name);
  if (!("one" in found)) return no(found.gap, verb, found.choices);
  return yes({ verb: verb as "duty_on" | "duty_off" | "patrol", team: found.one });
}

function withText(verb: "close" | "note", rest: string, context: Context, mayBeEmpty: boolean): Reading {
  const [incident, text] = incidentAndText(rest, context);
  if (!("one" in incident)) return no(incident.gap, verb, incident.choices);
  if (text === "" && !mayBeEmpty) return no("text", verb);
  return yes({ verb, incident: incident.one, text });
}

/** The incident that a text begins with and what follows; the selected one where it begins with none. */
function incidentAndText(rest: string, context: Context): [Read<Incident>, string] {
  const [first = "", ...more] = rest.split(" ");
  const named = findIncident(context.incidents, first);
  if (named.kind === "one") return [{ one: named.one }, more.join(" ")];
  const looksLikeOne = /^[i#]?\d+$/.test(first);
  const selected = looksLikeOne ? named : findIncident(context.incidents, context.selected ?? "");
  return [read(selected, "incident", "incidents", (one) => one.incident), rest];
}

/** The order that a team has, or the newest of the selected incident; and what follows. */
function orderAndText(rest: string, context: Context): { one: Order; text: string } | { gap: Gap; choices: readonly string[] } {
  const named = [...context.orders.values()].find((order) => order.order.toLowerCase() === rest.split(" ")[0]);
  if (named !== undefined) return { one: named, text: rest.split(" ").slice(1).join(" ") };
  const led = rest === "" ? null : lead(rest, (word) => findTeam(context.teams, word));
  if (led !== null) {
    const order = context.live.get(led.one.team) ?? newest([...context.orders.values()].filter((one) => one.team === led.one.team));
    return order === undefined ? { gap: "order", choices: [] } : { one: order, text: led.rest };
  }
  const mine = [...context.orders.values()].filter((order) => order.incident === context.selected);
  const order = newest(mine);
  return order === undefined ? { gap: context.selected === null ? "incident" : "order", choices: [] } : { one: order, text: rest };
}

function newest(orders: readonly Order[]): Order | undefined {
  return [...orders].sort((a, b) => b.offered_seq - a.offered_seq)[0];
}

/** The longest beginning of a text that names one thing, cut at blanks, or after 队 and between letters and digits. */
function lead<One>(text: string, find: (word: string) => Found<One>): { one: One; rest: string } | null {
  const cuts = [text.length];
  for (let at = text.length - 1; at > 0; at -= 1) {
    const [before, after] = [text[at - 1] ?? "", text[at] ?? ""];
    if (after === " " || before === "队" || (/\d/.test(after) && !/\d/.test(before))) cuts.push(at);
  }
  for (const cut of cuts) {
    const found = find(text.slice(0, cut));
    if (found.kind === "one") return { one: found.one, rest: text.slice(cut).trim() };
  }
  return null;
}

/** `14:05`, `14:05:30`, `#1200`, `-5` (minutes ago). */
function momentOf(text: string): Extract<Command, { verb: "past" }>["at"] | null {
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock !== null) {
    const [hours, minutes, seconds] = [Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0)];
    return hours < 24 && minutes < 60 && seconds < 60 ? { minutes_of_day: hours * 60 + minutes, seconds } : null;
  }
  const back = /^-?(\d{1,4}) ?(?:分钟?前?|m|min)?$/.exec(text);
  if (back !== null) return { back_ms: Number(back[1]) * 60_000 };
  const seq = /^#(\d{1,12})$/.exec(text);
  return seq === null ? null : { seq: Number(seq[1]) };
}

function read<One>(found: Found<One>, none: Gap, many: Gap, name: (one: One) => string): Read<One> {
  if (found.kind === "one") return { one: found.one };
  return found.kind === "many" ? { gap: many, choices: found.many.map(name) } : { gap: none, choices: [] };
}

function unclear<One>(none: Gap, many: Gap, found: Found<One>, verb: Verb, name: (one: One) => string): Reading {
  const given = read(found, none, many, name);
  return "one" in given ? no(none, verb) : no(given.gap, verb, given.choices);
}

function yes(command: Command): Reading {
  return { ok: true, command };
}

function no(gap: Gap, verb: Verb | null, choices: readonly string[] = []): Reading {
  return { ok: false, gap, verb, choices };
}
