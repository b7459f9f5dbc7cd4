import type { PostBody } from "../../wire/types.gen";
import { shortOf } from "../shared/names";

/** A post's name in one language, or its id. */
export function postName(post: PostBody, english: boolean): string {
  return (english && post.name_en) || post.name || post.post;
}

/** The same, as short as the map wants it. */
export function shortName(post: PostBody, english: boolean): string {
  return shortOf(postName(post, english));
}
