import type { PostBody } from "../../wire/types.gen";

const MOST = 10;

/** A post's name as short as the map wants it: up to the first space, at most ten characters. */
export function shortName(post: PostBody): string {
  const name = post.name === "" ? post.post : post.name;
  const chinese = /[\u4e00-\u9fff]/u.test(name);
  const short = chinese ? (name.split(/\s/u)[0] ?? name) : name;
  return short.length > MOST ? `${short.slice(0, MOST - 1)}…` : short;
}
