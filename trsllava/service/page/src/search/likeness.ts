// "More like this" and "less like this".
import type { Shown } from "../results";
import { change, state } from "../state";
import { itemOf } from "./items";

/** Look for the like of an item; the words of the question go on to count beside it. */
export function moreLike(id: string): void {
  change({ like: id, picture: "", open: "", least: null });
  scrollTo(0, 0);
}

/** Hits that show what this one is labelled as, or described as, count less from now on. */
export async function lessLike(one: Shown, collection: string): Promise<void> {
  const labels = one.hit?.labels ?? [];
  const item = labels.length ? undefined : await itemOf(one.id, collection);
  const thing = labels[0] ?? item?.text?.labels[0] ?? item?.text?.variants[0]?.feature[0] ?? item?.text?.variants[0]?.one_sentence;
  const { unwanted } = state.peek();
  if (!thing || unwanted.includes(thing)) return;
  change({ unwanted: [...unwanted, thing], open: "", least: null });
}
