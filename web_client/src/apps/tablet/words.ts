/** The tablet's words in the language that is on. */
import { TABLET_WORDS, type TabletWords } from "../../i18n/tablet";
import { useUi } from "../shared/ui";

/** The tablet's own dictionary. */
export function useWords(): TabletWords {
  return TABLET_WORDS[useUi().language];
}
