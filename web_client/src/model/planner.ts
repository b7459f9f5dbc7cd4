/** A plan that is being drawn, with undo; the coverage table read; pure. */
import type { CoverCell, CoverView, PlanView, PostBody, Tier, Wave } from "../wire/types.gen";

/** As many steps back as are kept. */
export const MOST_UNDO = 200;
/** Posts of one plan, as the service takes them. */
export const MOST_POSTS = 300;

/** A plan on the desk: what it was loaded from, its posts, and the steps before and after. */
export interface Draft {
  /** The name under which it is kept, null for one that never was. */
  readonly plan: string | null;
  readonly title: string;
  readonly note: string;
  readonly version: number;
  readonly posts: readonly PostBody[];
  readonly past: readonly (readonly PostBody[])[];
  readonly future: readonly (readonly PostBody[])[];
  /** The posts as they are kept, null where they never were: back at them there is nothing to save. */
  readonly kept: readonly PostBody[] | null;
  readonly dirty: boolean;
}

/** A new draft of posts that were never kept. */
export function newDraft(title: string, posts: readonly PostBody[]): Draft {
  return { plan: null, title, note: "", version: 0, posts, past: [], future: [], kept: null, dirty: true };
}

/** The draft of a plan as it is kept. */
export function draftOf(view: PlanView): Draft {
  const { plan, title, note, version, posts } = view;
  return { plan, title, note, version, posts, past: [], future: [], kept: posts, dirty: false };
}

/** One step: these posts now, the ones before can be had back. */
export function edit(draft: Draft, posts: readonly PostBody[]): Draft {
  if (posts === draft.posts) return draft;
  return { ...draft, posts, past: [...draft.past, draft.posts].slice(-MOST_UNDO), future: [], dirty: true };
}

/** One step back; the same draft where there is none. */
export function undo(draft: Draft): Draft {
  const before = draft.past.at(-1);
  if (before === undefined) return draft;
  return { ...draft, posts: before, past: draft.past.slice(0, -1), future: [draft.posts, ...draft.future], dirty: before !== draft.kept };
}

/** One step forward again; the same draft where there is none. */
export function redo(draft: Draft): Draft {
  const [after, ...future] = draft.future;
  if (after === undefined) return draft;
  return { ...draft, posts: after, past: [...draft.past, draft.posts], future, dirty: after !== draft.kept };
}

/** The posts with one of them changed. */
export function changed(posts: readonly PostBody[], post: string, part: Partial<PostBody>): PostBody[] {
  return posts.map((each) => (each.post === post ? { ...each, ...part } : each));
}

/** The posts without one of them. */
export function without(posts: readonly PostBody[], post: string): PostBody[] {
  return posts.filter((each) => each.post !== post);
}

/** An id that no post has: `S1`, `S2`, … */
export function freeId(posts: readonly PostBody[]): string {
  const taken = new Set(posts.map((each) => each.post));
  for (let number = 1; ; number++) if (!taken.has(`S${number}`)) return `S${number}`;
}

/** A name for a document of a title: letters and figures of ASCII, else `plan`, with a number where it is taken. */
export function documentName(title: string, taken: ReadonlySet<string>, otherwise: string): string {
  const plain = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 40).replace(/-+$/, "");
  const base = plain === "" ? otherwise : plain;
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) if (!taken.has(`${base}-${number}`)) return `${base}-${number}`;
}

/** The cell of the coverage table; null stands for all waves, all tiers, each point's own target. */
export function cellOf(view: CoverView, wave: Wave | null, tier: Tier | null, limit_ms: number | null, k: number): CoverCell | undefined {
  return view.cells.find((cell) => cell.wave === wave && cell.tier === tier && cell.limit_ms === limit_ms && cell.k === k);
}

/** The share covered, 0…1; null where there is no demand. */
export function shareOf(cell: CoverCell | undefined): number | null {
  return cell === undefined || cell.demand === 0 ? null : cell.covered / cell.demand;
}

/** How many posts reach each point in its target, a byte a point. */
export function countsOf(view: CoverView): Uint8Array {
  return Uint8Array.from(atob(view.count), (char) => char.charCodeAt(0));
}

/** A line of the comparison of two plans. */
export interface Difference {
  readonly tier: Tier | null;
  readonly one: number | null;
  readonly other: number | null;
  /** Points of demand that only the one, or only the other, reaches. */
  readonly lost: number;
  readonly won: number;
}

/** What changes from one coverage to another, of all and by tier; `tiers` is the tier of each point, 0…2. */
export function differences(one: CoverView, other: CoverView, tiers: readonly number[], k: number): Difference[] {
  const [before, after] = [countsOf(one), countsOf(other)];
  return ([null, "T1", "T2", "T3"] as const).map((tier, index) => {
    let [lost, won] = [0, 0];
    for (const [at, own] of tiers.entries()) {
      if (tier !== null && own !== index - 1) continue;
      const [was, is] = [(before[at] ?? 0) >= k, (after[at] ?? 0) >= k];
      if (was && !is) lost++;
      if (is && !was) won++;
    }
    return { tier, one: shareOf(cellOf(one, null, tier, null, k)), other: shareOf(cellOf(other, null, tier, null, k)), lost, won };
  });
}

/** Minutes after midnight as `HH:MM`. */
export function clockOf(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

/** `HH:MM` as minutes after midnight, null where it is none. */
export function minuteOf(text: string): number | null {
  const found = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}
