/** Which language is on, and how it was chosen: address bar, then the last choice, then the browser; Chinese first. */
import { en } from "./en";
import { zhCN, type Dictionary } from "./zh-CN";

/** The languages there are. */
export type Language = "zh-CN" | "en";
export type { Dictionary } from "./zh-CN";

export const DICTIONARIES: Readonly<Record<Language, Dictionary>> = { "zh-CN": zhCN, en };
const CHOICE_KEY = "patrol.language";

/** The language to begin with. */
export function firstLanguage(search: string, kept: string | null, browser: readonly string[]): Language {
  const asked = new URLSearchParams(search).get("lang");
  for (const wish of [asked, kept]) if (wish === "en" || wish === "zh-CN") return wish;
  for (const wish of browser) {
    if (wish.toLowerCase().startsWith("zh")) return "zh-CN";
    if (wish.toLowerCase().startsWith("en")) return "en";
  }
  return "zh-CN";
}

/** The language of the last visit, or null. */
export function keptLanguage(storage: Storage | null): string | null {
  return storage?.getItem(CHOICE_KEY) ?? null;
}

/** Keep the choice for the next visit. */
export function keepLanguage(storage: Storage | null, language: Language): void {
  storage?.setItem(CHOICE_KEY, language);
}

/** A sentence with its `{names}` filled in. */
export function fill(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
