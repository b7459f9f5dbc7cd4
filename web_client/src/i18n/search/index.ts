/** The place search in both languages. */
import { searchEn } from "./en";
import { searchZh, type SearchWords } from "./zh-CN";

export type { SearchWords } from "./zh-CN";

/** Both dictionaries, for the component and for the test that compares them. */
export const SEARCH_WORDS: Readonly<Record<"zh-CN" | "en", SearchWords>> = { "zh-CN": searchZh, en: searchEn };
