// What is known of items whose descriptions no search has told: asked for one by one, when they are looked at.
import { useEffect, useState } from "preact/hooks";
import * as api from "../api";
import type { Item } from "../api";

const KEPT = 2000;
const known = new Map<string, Promise<Item>>();

export function itemOf(id: string, collection: string): Promise<Item> {
  const name = `${collection}/${id}`;
  const found = known.get(name) ?? api.item(id, collection);
  known.set(name, found);
  found.catch(() => known.delete(name));
  if (known.size > KEPT) known.delete(known.keys().next().value as string);
  return found;
}

/** An item, undefined until it is known; `after`: milliseconds that it must have been wanted. */
export function useItem(id: string, collection: string, after = 0): Item | undefined {
  const [item, setItem] = useState<Item>();
  useEffect(() => {
    if (!id) return;
    let wanted = true;
    const timer = setTimeout(() => {
      itemOf(id, collection).then(
        (found) => wanted && setItem(found),
        () => {},
      );
    }, after);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [id, collection]);
  return item?.tile.id === id ? item : undefined;
}
