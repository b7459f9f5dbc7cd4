/**
 * A search for places in the ground: type any of a name, pinyin or initials; arrows, Enter, Esc; an ARIA combobox.
 *
 * `near` says where one looks (longitude, latitude), `onChoose` gets what was chosen, to show it on the map.
 */
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { fill } from "../../i18n";
import { metres, problemText } from "../../i18n/format";
import { SEARCH_WORDS, type SearchWords } from "../../i18n/search";
import { answered, CLOSED, pressed, type Listing } from "../../model/search";
import { api, ApiError } from "../../wire/api";
import type { FoundView, Problem } from "../../wire/types.gen";
import "./search.css";
import { useUi } from "./ui";

const AFTER_MS = 90;
const MOST_LETTERS = 64;

/** What the search asks of its surroundings. */
export interface PlaceSearchProps {
  near(): readonly [number, number] | null;
  onChoose(found: FoundView): void;
  readonly input?: Ref<HTMLInputElement>;
}

/** The field and its list. */
export function PlaceSearch({ near, onChoose, input }: PlaceSearchProps): ReactNode {
  const { language, t } = useUi();
  const words = SEARCH_WORDS[language];
  const id = useId();
  const [text, setText] = useState("");
  const { found, problem, list, setList } = useFound(text, near);

  const take = (one: FoundView | undefined): void => {
    if (one === undefined) return;
    setList({ ...list, open: false });
    onChoose(one);
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return; // Enter and the arrows belong to the input method
    const { next, act } = pressed(list, event.key);
    if (act === "none") return;
    event.preventDefault();
    event.stopPropagation();
    setList(next);
    if (act === "choose") take(found[list.lit]);
    if (act === "clear") setText("");
  };
  const note = problem !== null ? fill(words.failed, { reason: problemText(t, problem).message }) : fill(words.none, { words: text.trim() });
  const shown = list.open && text.trim() !== "";
  return (
    <div className="place-search" role="search" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setList({ ...list, open: false })}>
      <input
        ref={input}
        type="text"
        role="combobox"
        autoComplete="off"
        spellCheck={false}
        maxLength={MOST_LETTERS}
        aria-label={words.label}
        aria-expanded={shown && found.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown && list.lit >= 0 ? `${id}-${list.lit}` : undefined}
        placeholder={words.hint}
        title={words.hint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onFocus={() => list.count > 0 && setList({ ...list, open: true })}
        onKeyDown={onKey}
      />
      {text !== "" && (
        <button type="button" className="place-search-clear" aria-label={words.clear} title={words.clear} onClick={() => setText("")}>×</button>
      )}
      <ul id={`${id}-list`} role="listbox" aria-label={words.label} hidden={!shown || found.length === 0}>
        {found.map((one, number) => (
          <Row key={`${one.name} ${one.lon} ${one.lat} ${one.kind}`} id={`${id}-${number}`} one={one} lit={number === list.lit} words={words} onTake={() => take(one)} onLight={() => setList({ ...list, lit: number })} />
        ))}
      </ul>
      <p className={shown && found.length === 0 ? "place-search-note" : "place-search-said"} role="status">
        {shown && (found.length === 0 ? note : fill(words.count, { count: found.length }))}
      </p>
    </div>
  );
}

interface RowProps {
  readonly id: string;
  readonly one: FoundView;
  readonly lit: boolean;
  readonly words: SearchWords;
  onTake(): void;
  onLight(): void;
}

function Row({ id, one, lit, words, onTake, onLight }: RowProps): ReactNode {
  const { t, english } = useUi();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (lit) row.current?.scrollIntoView({ block: "nearest" });
  }, [lit]);
  const [first, second] = english && one.name_en !== "" ? [one.name_en, one.name] : [one.name, one.name_en];
  const within = english && one.within_en !== "" ? one.within_en : one.within;
  return (
    <li ref={row} id={id} role="option" aria-selected={lit} className={lit ? "is-lit" : ""} onMouseDown={(event) => event.preventDefault()} onClick={onTake} onMouseMove={onLight}>
      <span className="place-search-kind">{kindOf(words, one.kind)}</span>
      <span className="place-search-name">{first}{second !== "" && <small>{second}</small>}</span>
      <span className="place-search-where">{within}{one.away_m !== null && <small>{metres(t, one.away_m)}</small>}</span>
    </li>
  );
}

function kindOf(words: SearchWords, kind: string): string {
  return kind in words.kind ? words.kind[kind as keyof SearchWords["kind"]] : words.kind.poi;
}

interface FoundState {
  readonly found: readonly FoundView[];
  readonly problem: Problem | null;
  readonly list: Listing;
  setList(list: Listing): void;
}

/** Ask a moment after the last letter; an answer to an older question is thrown away. */
function useFound(text: string, near: () => readonly [number, number] | null): FoundState {
  const [found, setFound] = useState<readonly FoundView[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [list, setList] = useState<Listing>(CLOSED);
  const where = useRef(near);
  where.current = near;
  useEffect(() => {
    const words = text.trim();
    let old = false;
    const tell = (answer: readonly FoundView[], no: Problem | null, listing: Listing): void => {
      if (old) return;
      setFound(answer);
      setProblem(no);
      setList(listing);
    };
    if (words === "") {
      tell([], null, CLOSED);
      return undefined;
    }
    const timer = setTimeout(() => {
      api.find(words, where.current()).then(
        (answer) => tell(answer, null, answered(answer.length)),
        (error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          tell([], error.problem, answered(0));
        },
      );
    }, AFTER_MS);
    return () => {
      old = true;
      clearTimeout(timer);
    };
  }, [text]);
  return { found, problem, list, setList };
}
