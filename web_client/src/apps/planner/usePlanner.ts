/** The planner's desk: what is looked at, the plan that is drawn, and everything that changes them. */
import { useCallback, useEffect, useMemo, useState } from "react";
import { changed, draftOf, edit, freeId, MOST_POSTS, newDraft, redo, undo, without, type Draft } from "../../model/planner";
import { api, ApiError } from "../../wire/api";
import { planning } from "../../wire/planning";
import type { AskBody, CoverView, DemandView, GroundView, PastIncidentsView, PlaceView, PlanHeadView, PostBody, Problem } from "../../wire/types.gen";
import { useLatest, type Latest } from "./useLatest";
import { useWords } from "./words";

export type Source = "now" | "roster" | "plan";
export type Tab = "cover" | "gaps" | "heat" | "report";

/** What weighs and when: shared by all questions. */
export interface Filter {
  readonly hour: number | null;
  readonly weekdays: readonly number[];
  readonly demand: string;
}

/** What the service says once. */
export interface Ground {
  readonly view: GroundView | null;
  readonly places: readonly PlaceView[];
  readonly demand: DemandView | null;
}

const NO_GROUND: Ground = { view: null, places: [], demand: null };
const LIVE_EVERY_MS = 10_000;

/** A question about posts or one of the two live sources. */
export function askOf(source: Source, posts: readonly PostBody[], filter: Filter): AskBody {
  const live = source === "plan" ? { source: "posts" as const, posts: [...posts] } : { source, posts: [] };
  return { ...live, hour: filter.hour, weekdays: [...filter.weekdays], demand: filter.demand };
}

/** Everything that the planner's components read and call. */
export interface PlannerDesk {
  readonly ground: Ground;
  readonly plans: readonly PlanHeadView[];
  readonly histories: readonly PastIncidentsView[];
  readonly source: Source;
  readonly draft: Draft;
  readonly compare: string | null;
  readonly filter: Filter;
  readonly selected: string | null;
  readonly adding: boolean;
  readonly question: AskBody;
  /** Posts as they stand: those of the draft while it is drawn, else those of the answer. */
  readonly posts: readonly PostBody[];
  readonly cover: Latest<CoverView>;
  readonly other: Latest<CoverView>;
  readonly problem: Problem | null;
  look(source: Source): void;
  open(plan: string): Promise<void>;
  setCompare(compare: string | null): void;
  setFilter(part: Partial<Filter>): void;
  select(post: string | null): void;
  setAdding(adding: boolean): void;
  fresh(): void;
  rename(title: string): void;
  change(post: string, part: Partial<PostBody>): void;
  /** Where a post is while it is dragged: no step that can be undone yet. */
  drag(post: string, lat: number, lon: number): void;
  /** The drag is over, at this place: one step. */
  drop(post: string, lat: number, lon: number): void;
  add(lat: number, lon: number, unit?: Partial<PostBody>): void;
  remove(post: string): void;
  undo(): void;
  redo(): void;
  setDraft(draft: Draft): void;
  reload(): Promise<void>;
  tell(problem: Problem | null): void;
}

/** See PlannerDesk. */
export function usePlanner(): PlannerDesk {
  const w = useWords();
  const [problem, tell] = useState<Problem | null>(null);
  const lists = useLists(tell);
  const [source, setSource] = useState<Source>("now");
  const [draft, setDraft] = useState<Draft>(() => newDraft(w.edit.titleNew, []));
  const [dragged, setDragged] = useState<readonly PostBody[] | null>(null);
  const [compare, setCompare] = useState<string | null>(null);
  const [filter, setFilterState] = useState<Filter>({ hour: null, weekdays: [], demand: "streets" });
  const [selected, select] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const beat = useBeat(source === "now" || compare === "now");
  const drawn = dragged ?? draft.posts;
  const question = useMemo(() => askOf(source, drawn, filter), [source, drawn, filter, source === "now" ? beat : 0]);
  const cover = useLatest(question, planning.coverage);
  const posts = source === "plan" ? drawn : (cover.answer?.posts ?? []);
  const other = useOther(compare, filter, beat);

  /** A live source that is edited becomes a plan of its own. */
  const change = useCallback(
    (make: (posts: readonly PostBody[]) => readonly PostBody[]) => {
      if (source === "plan") setDraft((before) => edit(before, make(before.posts)));
      else {
        setDraft(edit(newDraft(w.edit.titleNew, posts), make(posts)));
        setSource("plan");
      }
    },
    [source, posts, w],
  );
  const open = useCallback(async (plan: string): Promise<void> => {
    try {
      setDraft(draftOf(await planning.plan(plan)));
      setSource("plan");
      select(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(error.problem);
    }
  }, []);
  return {
    ...lists, source, draft, compare, filter, selected, adding, question, posts, cover, other, problem,
    look: (next) => (setSource(next), select(null)),
    open, setCompare, select, setAdding, setDraft, tell,
    setFilter: (part) => setFilterState((before) => ({ ...before, ...part })),
    fresh: () => (setDraft(newDraft(w.edit.titleNew, posts.map((post) => ({ ...post })))), setSource("plan")),
    rename: (title) => setDraft((before) => ({ ...before, title, dirty: true })),
    change: (post, part) => change((all) => changed(all, post, part)),
    drag: (post, lat, lon) => {
      setDragged(changed(posts, post, { lat, lon }));
      if (source === "plan") return;
      setDraft(newDraft(w.edit.titleNew, posts));
      setSource("plan");
    },
    drop: (post, lat, lon) => {
      change((all) => changed(all, post, { lat, lon }));
      setDragged(null);
    },
    add: (lat, lon, part) => {
      if (posts.length >= MOST_POSTS) return;
      const post: PostBody = { post: freeId(posts), name: "", name_en: "", lat, lon, unit: "village", profile: lists.ground.demand?.profiles[0] ?? "car", from_min: 0, until_min: 0, ...part };
      change((all) => [...all, { ...post, name: post.name === "" ? post.post : post.name }]);
      select(post.post);
      setAdding(false);
    },
    remove: (post) => (change((all) => without(all, post)), select(null)),
    undo: () => setDraft(undo),
    redo: () => setDraft(redo),
  };
}

/** The other side of a comparison: a live source, or a plan by its name. */
function useOther(compare: string | null, filter: Filter, beat: number): Latest<CoverView> {
  const question = useMemo(() => (compare === null ? null : { compare, filter }), [compare, filter, compare === "now" ? beat : 0]);
  return useLatest(question, async (asked) => {
    if (asked.compare === "now" || asked.compare === "roster") return planning.coverage(askOf(asked.compare, [], asked.filter));
    const { posts } = await planning.plan(asked.compare);
    return planning.coverage(askOf("plan", posts, asked.filter));
  });
}

function useBeat(on: boolean): number {
  const [beat, setBeat] = useState(0);
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => setBeat((before) => before + 1), LIVE_EVERY_MS);
    return () => clearInterval(timer);
  }, [on]);
  return beat;
}

interface Lists {
  readonly ground: Ground;
  readonly plans: readonly PlanHeadView[];
  readonly histories: readonly PastIncidentsView[];
  reload(): Promise<void>;
}

function useLists(tell: (problem: Problem | null) => void): Lists {
  const [ground, setGround] = useState<Ground>(NO_GROUND);
  const [plans, setPlans] = useState<readonly PlanHeadView[]>([]);
  const [histories, setHistories] = useState<readonly PastIncidentsView[]>([]);
  const reload = useCallback(async (): Promise<void> => {
    try {
      const [one, other] = await Promise.all([planning.plans(), planning.histories()]);
      setPlans(one);
      setHistories(other);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(error.problem);
    }
  }, [tell]);
  useEffect(() => {
    const take = async <Name extends keyof Ground>(name: Name, asked: Promise<Ground[Name]>): Promise<void> => {
      try {
        const found = await asked;
        setGround((before) => ({ ...before, [name]: found }));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        tell(error.problem);
      }
    };
    void take("view", api.ground());
    void take("places", api.places());
    void take("demand", planning.demand());
    void reload();
  }, [reload, tell]);
  return { ground, plans, histories, reload };
}
