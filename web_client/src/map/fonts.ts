/** The one typeface of the map, bundled: Noto Sans SC (OFL 1.1), 7,300 Chinese characters and Latin with accents. */
import latinExt from "@fontsource/noto-sans-sc/files/noto-sans-sc-latin-ext-400-normal.woff2?url";
import chinese from "@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff2?url";
import { FONTS } from "./style";

const LATIN_EXT = "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+1E00-1E9F,U+1EF2-1EFF,U+2113,U+2C60-2C7F,U+A720-A7FF";
const WAIT_MS = 4_000;

let loading: Promise<void> | null = null;

/** Resolves once the typeface can draw, or after 4 s without it: the machine's own fonts then stand in. Never rejects. */
export function loadFonts(): Promise<void> {
  loading ??= Promise.race([load(), new Promise<void>((done) => void setTimeout(done, WAIT_MS))]);
  return loading;
}

async function load(): Promise<void> {
  if (typeof FontFace === "undefined") return;
  const [family = "Noto Sans SC"] = FONTS;
  const faces = [
    new FontFace(family, `url(${chinese}) format("woff2")`, { weight: "400" }),
    new FontFace(family, `url(${latinExt}) format("woff2")`, { weight: "400", unicodeRange: LATIN_EXT }),
  ];
  for (const face of faces) document.fonts.add(face);
  await Promise.allSettled(faces.map((face) => face.load()));
}
