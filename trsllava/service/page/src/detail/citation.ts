import type { Item } from "../api";

/** An item as one cites it: the file, which part, when taken, its content's digest, and where it was found. */
export function citationOf({ tile, paths, collection }: Item): string {
  const [col, row, width, height] = tile.window;
  const file = paths[0]?.split("/").pop() ?? tile.id;
  const taken = tile.acquired ? `, acquired ${tile.acquired.slice(0, 10)}` : "";
  const digest = `sha256:${tile.sha256}`;
  const link = `${location.origin}/?collection=${encodeURIComponent(collection)}&open=${tile.id}`;
  const part = `pixels ${col},${row} to ${col + width},${row + height}`;
  const seen = new Date().toISOString().slice(0, 10);
  return `${file}, ${part}${taken} (${digest}). trsllava, collection “${collection}”, item ${tile.id}, ${link} (seen ${seen}).`;
}
