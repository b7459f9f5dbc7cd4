/** The tablet's words by language. */
import type { Language } from "../index";
import { tabletEn } from "./en";
import { tabletZh, type TabletWords } from "./zh-CN";

export type { TabletWords } from "./zh-CN";
export const TABLET_WORDS: Readonly<Record<Language, TabletWords>> = { "zh-CN": tabletZh, en: tabletEn };
