import type { PostBody } from "../../wire/types.gen";
import { shortened } from "../shared/names";

/** A post's name in one language, or its id. */
export function postName(post: PostBody, english: boolean): string {
  return (english && post.name_en) || post.name || post.post;
}

/** Names for the map by post, as short as they can be while no two share one. */
export function postNames(posts: readonly PostBody[], english: boolean): ReadonlyMap<string, string> {
  return shortened(new Map(posts.map((post) => [post.post, postName(post, english)])));
}
