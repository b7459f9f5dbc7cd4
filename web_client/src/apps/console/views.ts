/** Which part of the console a window shows, by its address. */

/** All of it, or one part. */
export type View = "all" | "map" | "queue" | "board";

/** The part that an address asks for. */
export function viewOf(search: string): View {
  const asked = new URLSearchParams(search).get("view");
  return asked === "map" || asked === "queue" || asked === "board" ? asked : "all";
}

/** The address of a window that shows one part, in the language and the look of this one. */
export function addressOf(view: View | "wall", language: string, look: string): string {
  const query = new URLSearchParams({ lang: language, style: look });
  if (view === "wall") return `/wall?${query.toString()}`;
  if (view !== "all") query.set("view", view);
  return `/console?${query.toString()}`;
}
