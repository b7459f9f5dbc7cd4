/** What is looked at, and the plan that is drawn: open, name, save, copy, delete, undo, compare. */
import { useState, type ReactNode } from "react";
import { fill } from "../../i18n";
import { timeOfDay } from "../../i18n/format";
import { documentName, draftOf, newDraft } from "../../model/planner";
import { ApiError } from "../../wire/api";
import { planning } from "../../wire/planning";
import type { PlannerDesk, Source } from "./usePlanner";
import { useWords } from "./words";

/** The bar above coverage and gaps; `may` tells whether plans may be saved. */
export function PlanBar({ desk, may }: { desk: PlannerDesk; may: boolean }): ReactNode {
  const w = useWords();
  const { source, draft, plans } = desk;
  const value = source !== "plan" ? source : (draft.plan ?? "draft");
  const choose = (wish: string): void => {
    if (wish === "now" || wish === "roster") desk.look(wish);
    else if (wish === "draft") desk.look("plan");
    else void desk.open(wish.slice(1));
  };
  return (
    <section className="plan-bar">
      <div className="row">
        <label className="grow">
          <span>{w.source}</span>
          <select value={value === "now" || value === "roster" || value === "draft" ? value : `=${value}`} onChange={(event) => choose(event.target.value)}>
            <option value="now">{w.sources.now}</option>
            <option value="roster">{w.sources.roster}</option>
            {(draft.plan === null && draft.posts.length > 0) || value === "draft" ? <option value="draft">{w.sources.draft}</option> : null}
            {plans.length > 0 && (
              <optgroup label={w.plansGroup}>
                {plans.map((plan) => <option key={plan.plan} value={`=${plan.plan}`}>{plan.title}</option>)}
              </optgroup>
            )}
          </select>
        </label>
        <CompareChoice desk={desk} />
      </div>
      {source === "plan" ? <Draft desk={desk} may={may} /> : (
        <div className="row buttons">
          <button type="button" onClick={desk.fresh} disabled={desk.posts.length === 0}>{w.edit.fresh}</button>
          <AddButton desk={desk} />
        </div>
      )}
    </section>
  );
}

function CompareChoice({ desk }: { desk: PlannerDesk }): ReactNode {
  const w = useWords();
  const live: readonly Source[] = ["now", "roster"];
  return (
    <label className="grow">
      <span>{w.compare}</span>
      <select value={desk.compare ?? ""} onChange={(event) => desk.setCompare(event.target.value === "" ? null : event.target.value)}>
        <option value="">{w.compareNone}</option>
        {live.map((name) => <option key={name} value={name}>{w.sources[name === "now" ? "now" : "roster"]}</option>)}
        {desk.plans.map((plan) => <option key={plan.plan} value={plan.plan}>{plan.title}</option>)}
      </select>
    </label>
  );
}

function AddButton({ desk }: { desk: PlannerDesk }): ReactNode {
  const w = useWords();
  return (
    <button type="button" aria-pressed={desk.adding} className={desk.adding ? "primary" : ""} onClick={() => desk.setAdding(!desk.adding)}>
      {w.edit.add}
    </button>
  );
}

function Draft({ desk, may }: { desk: PlannerDesk; may: boolean }): ReactNode {
  const w = useWords();
  const [busy, setBusy] = useState(false);
  const { draft } = desk;
  const head = desk.plans.find((plan) => plan.plan === draft.plan);
  const act = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await work();
      desk.tell(null);
      await desk.reload();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      desk.tell(error.problem);
    } finally {
      setBusy(false);
    }
  };
  const save = (name: string, version: number, title: string): Promise<void> =>
    act(async () => desk.setDraft({ ...draftOf(await planning.save(name, { title, note: draft.note, posts: [...draft.posts], version })), past: draft.past, future: draft.future }));
  const taken = new Set(desk.plans.map((plan) => plan.plan));
  const saveAs = (title: string): Promise<void> => save(documentName(title, taken, "plan"), 0, title);
  const remove = async (): Promise<void> => {
    const { plan } = draft;
    if (plan === null || !window.confirm(fill(w.edit.removeAsk, { name: draft.title }))) return;
    await act(async () => void (await planning.drop(plan)));
    desk.setDraft(newDraft(w.edit.titleNew, []));
    desk.look("roster");
  };
  const nameless = draft.title.trim() === "";
  return (
    <>
      <div className="row">
        <label className="grow">
          <span>{w.edit.name}</span>
          <input value={draft.title} maxLength={64} onChange={(event) => desk.rename(event.target.value)} />
        </label>
        <span className="soft posts-count">{fill(w.edit.posts, { count: draft.posts.length })}</span>
      </div>
      <div className="row buttons">
        <AddButton desk={desk} />
        <button type="button" onClick={desk.undo} disabled={draft.past.length === 0} title={w.edit.undoKey}>{w.edit.undo}</button>
        <button type="button" onClick={desk.redo} disabled={draft.future.length === 0} title={w.edit.redoKey}>{w.edit.redo}</button>
        <span className="gap" />
        {may && <button type="button" className="primary" disabled={busy || nameless || (!draft.dirty && draft.plan !== null)} onClick={() => void (draft.plan === null ? saveAs(draft.title) : save(draft.plan, draft.version, draft.title))}>{w.edit.save}</button>}
        {may && draft.plan !== null && <button type="button" disabled={busy || nameless} onClick={() => void saveAs(draft.title === head?.title ? fill(w.edit.copyOf, { name: draft.title }) : draft.title)}>{w.edit.saveAs}</button>}
        {may && draft.plan !== null && <button type="button" disabled={busy} onClick={() => void remove()}>{w.edit.remove}</button>}
      </div>
      <p className="soft small" role="status">
        {!may ? w.edit.readOnly : draft.dirty || head === undefined ? w.edit.unsaved : fill(w.edit.saved, { version: head.version, author: head.author, time: stamp(head.saved_at_ms) })}
      </p>
      {desk.adding && <p className="hint" role="status">{w.edit.adding}</p>}
      {draft.posts.length === 0 && !desk.adding && <p className="empty">{w.edit.noPosts}</p>}
    </>
  );
}

function stamp(at_ms: number): string {
  const at = new Date(at_ms);
  const [month, day] = [at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${at.getFullYear()}-${month}-${day} ${timeOfDay(at_ms).slice(0, 5)}`;
}
