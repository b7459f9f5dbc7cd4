/** The console's keys as one table: what the page listens to and what the sheet on `?` shows. */

/** What a key does. */
export type Action =
  | "command" | "sheet" | "dismiss" | "next" | "previous" | "send" | "report" | "find_team" | "note" | "close" | "wave" | "undo" | "recall"
  | "merge" | "centre" | "closer" | "farther" | "coverage" | "past" | "mute" | "language" | "look" | "assign" | "nth";

/** One key and the group it stands in. */
export interface Shortcut {
  readonly keys: readonly string[];
  readonly action: Action;
  readonly group: "incident" | "team" | "view";
  /** Not listed by itself: the row before it speaks for it. */
  readonly hidden?: boolean;
}

/** Every key; letters are written small and a capital is the letter with Shift. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: ["j", "ArrowDown"], action: "next", group: "incident" },
  { keys: ["k", "ArrowUp"], action: "previous", group: "incident" },
  { keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], action: "nth", group: "incident" },
  { keys: ["Enter"], action: "send", group: "incident" },
  { keys: ["a"], action: "assign", group: "incident" },
  { keys: ["i"], action: "note", group: "incident" },
  { keys: ["c"], action: "close", group: "incident" },
  { keys: ["w"], action: "wave", group: "incident" },
  { keys: ["u"], action: "undo", group: "incident" },
  { keys: ["x"], action: "recall", group: "incident" },
  { keys: ["m"], action: "merge", group: "incident" },
  { keys: ["g"], action: "centre", group: "incident" },
  { keys: ["r"], action: "report", group: "incident" },
  { keys: ["f"], action: "find_team", group: "team" },
  { keys: ["/"], action: "command", group: "view" },
  { keys: ["+", "="], action: "closer", group: "view" },
  { keys: ["-"], action: "farther", group: "view" },
  { keys: ["v"], action: "coverage", group: "view" },
  { keys: ["t"], action: "past", group: "view" },
  { keys: ["s"], action: "mute", group: "view" },
  { keys: ["l"], action: "language", group: "view" },
  { keys: ["n"], action: "look", group: "view" },
  { keys: ["?"], action: "sheet", group: "view" },
  { keys: ["Escape"], action: "dismiss", group: "view" },
];

const BY_KEY = new Map(SHORTCUTS.flatMap((one) => one.keys.map((key) => [key, one.action] as const)));

/** What a key press means, by the name that the browser gives it; null for a key that means nothing here. */
export function actionOf(key: string): Action | null {
  return BY_KEY.get(key.length === 1 ? key.toLowerCase() : key) ?? null;
}

/** The neighbour of the selected one in a list, `step` further; the first or the last where none is selected. */
export function neighbour(list: readonly string[], selected: string | null, step: 1 | -1): string | null {
  if (list.length === 0) return null;
  const at = selected === null ? -1 : list.indexOf(selected);
  if (at < 0) return (step === 1 ? list[0] : list[list.length - 1]) ?? null;
  return list[Math.max(0, Math.min(list.length - 1, at + step))] ?? null;
}
