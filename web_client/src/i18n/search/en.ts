/** The words of the place search. */
import type { SearchWords } from "./zh-CN";

export const searchEn: SearchWords = {
  label: "Find a place",
  hint: "Street, village or place; pinyin or initials",
  clear: "Clear",
  none: "No place is called “{words}”",
  failed: "Places cannot be searched now: {reason}",
  count: "{count} results",
  kind: {
    town: "town",
    village: "village",
    station: "station",
    police: "police",
    hospital: "hospital",
    fire_station: "fire station",
    government: "government",
    school: "school",
    market: "market",
    park: "park",
    water: "water",
    peak: "peak",
    worship: "worship",
    shop: "shop",
    lodging: "lodging",
    company: "company",
    street: "street",
    poi: "place",
    address: "address",
  },
};
