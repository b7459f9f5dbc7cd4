/** The administration page's words by language. */
import type { Language } from "..";
import { enAdmin } from "./en";
import { zhAdmin, type AdminDictionary } from "./zh-CN";

export type { AdminDictionary } from "./zh-CN";

export const ADMIN_DICTIONARIES: Readonly<Record<Language, AdminDictionary>> = { "zh-CN": zhAdmin, en: enAdmin };
