/** The standby points as buttons over the map: drag them, or move them by the arrow keys. */
import { useMemo, useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { fill } from "../../i18n";
import { postName, postNames } from "./names";
import type { PlannerMap } from "../../map/planner_view";
import type { PostBody } from "../../wire/types.gen";
import { useUi } from "../shared/ui";
import type { PlannerDesk } from "./usePlanner";
import { useWords } from "./words";

const STEP_PX = 4;
const BIG_STEP_PX = 24;
const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CLICK_PX = 3;

/** What the signs need; `moves` changes with the camera. */
export interface PostSignsProps {
  readonly map: PlannerMap;
  readonly moves: number;
  readonly desk: PlannerDesk;
  readonly other: readonly PostBody[];
  readonly swipe: number | null;
}

/** All signs; those of the other side of a comparison are hollow and cannot be moved. */
export function PostSigns({ map, desk, other, swipe }: PostSignsProps): ReactNode {
  const { english } = useUi();
  const names = useMemo(() => postNames(desk.posts, english), [desk.posts, english]);
  const mine = new Set(desk.posts.map((post) => `${post.lat} ${post.lon}`));
  const elsewhere = swipe === null ? [] : other.filter((post) => !mine.has(`${post.lat} ${post.lon}`));
  return (
    <div className="posts">
      {desk.posts.map((post) => <PostSign key={post.post} map={map} desk={desk} post={post} name={names.get(post.post) ?? post.post} />)}
      {elsewhere.map((post) => (
        <span key={`other ${post.post}`} className="post post-other" style={placeOf(map, post)}>
          <i aria-hidden="true" />
        </span>
      ))}
    </div>
  );
}

function placeOf(map: PlannerMap, post: PostBody): { transform: string } {
  const { x, y } = map.project(post.lon, post.lat);
  return { transform: `translate(${x}px, ${y}px)` };
}

function PostSign({ map, desk, post, name }: { map: PlannerMap; desk: PlannerDesk; post: PostBody; name: string }): ReactNode {
  const { english } = useUi();
  const w = useWords();
  const from = useRef<{ x: number; y: number; dx: number; dy: number; moved: boolean; at: { lat: number; lon: number } } | null>(null);
  const selected = desk.selected === post.post;
  const toggle = (): void => desk.select(selected ? null : post.post);
  const down = (event: PointerEvent<HTMLButtonElement>): void => {
    if (event.button !== 0) return;
    const at = map.project(post.lon, post.lat);
    from.current = { x: event.clientX, y: event.clientY, dx: at.x - event.clientX, dy: at.y - event.clientY, moved: false, at: { lat: post.lat, lon: post.lon } };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent<HTMLButtonElement>): void => {
    const begun = from.current;
    if (begun === null) return;
    begun.moved ||= Math.hypot(event.clientX - begun.x, event.clientY - begun.y) > CLICK_PX;
    if (!begun.moved) return;
    if (!selected) desk.select(post.post);
    const { lon, lat } = begun.at = map.unproject(event.clientX + begun.dx, event.clientY + begun.dy);
    desk.drag(post.post, lat, lon);
  };
  const up = (): void => {
    const begun = from.current;
    from.current = null;
    if (begun?.moved) desk.drop(post.post, begun.at.lat, begun.at.lon); // nothing here waits for a picture that is late
    else if (begun !== null) toggle();
  };
  const key = (event: KeyboardEvent<HTMLButtonElement>): void => {
    const step = STEPS[event.key];
    if (event.key === "Delete" || event.key === "Backspace") desk.remove(post.post);
    else if (event.key === "Enter" || event.key === " ") toggle();
    else if (step !== undefined) {
      const { x, y } = map.project(post.lon, post.lat);
      const px = event.shiftKey ? BIG_STEP_PX : STEP_PX;
      desk.change(post.post, map.unproject(x + step[0] * px, y + step[1] * px));
      desk.select(post.post);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <button
      type="button"
      className={`post post-${post.unit}${selected ? " is-selected" : ""}`}
      style={placeOf(map, post)}
      aria-pressed={selected}
      aria-label={fill(w.post.label, { name: postName(post, english) })}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onKeyDown={key}
    >
      <i aria-hidden="true" />
      <span>{name}</span>
    </button>
  );
}
