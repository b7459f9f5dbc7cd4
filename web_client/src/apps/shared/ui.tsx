/** Language and look, for every component of every app. */
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useState, type ReactNode } from "react";
import { DICTIONARIES, firstLanguage, keepLanguage, keptLanguage, type Dictionary, type Language } from "../../i18n";
import { firstLook, paletteOf, type Look, type Palette } from "../../map/style";
import { localStore } from "./storage";

const LOOK_KEY = "patrol.look";

/** What a component may ask of the surroundings. */
export interface Ui {
  readonly t: Dictionary;
  readonly language: Language;
  readonly english: boolean;
  readonly look: Look;
  readonly palette: Palette;
  toggleLanguage(): void;
  toggleLook(): void;
}

const Context = createContext<Ui | null>(null);

/** The surroundings of a component; the app must be inside `UiProvider`. */
export function useUi(): Ui {
  const ui = useContext(Context);
  if (ui === null) throw new Error("useUi outside of UiProvider");
  return ui;
}

/** Chooses language and look, keeps both for the next visit, and tells the document. */
export function UiProvider({ children }: { children: ReactNode }): ReactNode {
  const store = useMemo(localStore, []);
  const [language, setLanguage] = useState<Language>(() => firstLanguage(location.search, keptLanguage(store), navigator.languages));
  const [look, setLook] = useState<Look>(() =>
    firstLook(location.search, store?.getItem(LOOK_KEY) ?? null, matchMedia("(prefers-color-scheme: dark)").matches),
  );
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.title = DICTIONARIES[language].title; // an app that says more does it after this
  }, [language]);
  useEffect(() => dress(paletteOf(look)), [look]);
  const ui = useMemo<Ui>(
    () => ({
      t: DICTIONARIES[language],
      language,
      english: language === "en",
      look,
      palette: paletteOf(look),
      toggleLanguage: () => {
        const next = language === "en" ? "zh-CN" : "en";
        keepLanguage(store, next);
        setLanguage(next);
      },
      toggleLook: () => {
        const next = look === "day" ? "night" : "day";
        store?.setItem(LOOK_KEY, next);
        setLook(next);
      },
    }),
    [language, look, store],
  );
  return <Context value={ui}>{children}</Context>;
}

/** The lists wear the same colours of states as the map. */
function dress(palette: Palette): void {
  const root = document.documentElement;
  root.dataset["look"] = palette.look;
  for (const [name, colour] of Object.entries(palette.status)) root.style.setProperty(`--status-${name}`, colour);
  for (const [name, colour] of Object.entries(palette.urgency)) root.style.setProperty(`--urgency-${name}`, colour);
  root.style.setProperty("--map-land", palette.land);
  root.style.setProperty("--t1", palette.t1);
  root.style.setProperty("--t2", palette.t2);
  root.style.setProperty("--select", palette.select);
}
