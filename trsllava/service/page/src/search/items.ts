// What is known of items whose descriptions no search has told: asked for one by one, when they are looked at.
import { useEffect, useState } from "preact/hooks";
import * as api from "../api";
import { connection, type Item, Problem } from "../api";

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

/** An item, undefined until it is known; `after`: milliseconds that it must have been wanted; `onFault` is told why it
 * cannot be known. */
export function useItem(
  id: string,
  collection: string,
  { after = 0, onFault = (_: string) => {} } = {},
): Item | undefined {
  const [item, setItem] = useState<Item>();
  const again = connection.value.again;
  useEffect(() => {
    if (!id) return;
    let wanted = true;
    const timer = setTimeout(() => {
      itemOf(id, collection).then(
        (found) => wanted && setItem(found),
        (error: unknown) => wanted && error instanceof Problem && error.status && onFault(error.message),
      );
    }, after);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [id, collection, again]);
  return item?.tile.id === id ? item : undefined;
}
