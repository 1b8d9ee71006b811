/** The search, or the selection, as lines to run elsewhere. */

import type { SearchBody } from "../api";

/** What a program asks: the search and its cut-off, and the items that were chosen of it. */
export interface Asked {
  body: SearchBody | null;
  least: number | null;
  /** True where the picture was dropped: it is on this computer alone. */
  pictured: boolean;
  ids: readonly string[];
  collection: string;
}

const NAMES = [
  "weight",
  "labels",
  "without_labels",
  "source",
  "properties",
  "time",
  "bbox",
  "places",
  "times",
  "sort",
  "diversity",
  "all_tiles",
] as const;
const MOST = 1000;

export function pythonOf(asked: Asked): string {
  const lines = [unwantedOf(asked) ? "import trsllava\nfrom trsllava import Query" : "import trsllava", "", `with trsllava.Client(${literal(location.origin)}${named(asked)}) as archive:`];
  if (asked.ids.length) {
    lines.push(`    ids = ${literal(asked.ids)}`, "    for tile in map(archive.tile, ids):");
    lines.push("        print(tile.paths[0], tile.text.labels if tile.text else ())");
    return `${lines.join("\n")}\n`;
  }
  lines.push(`    for hit in archive.search(${argumentsOf(asked).join(", ")}):`);
  lines.push('        print(f"{hit.score:.3f}", hit.paths[0], hit.why.text)');
  return `${lines.join("\n")}\n`;
}

/** Prints GeoJSON into a file. */
export function curlOf(asked: Asked): string {
  const { body, least, ids, collection } = asked;
  const of = collection ? { collection } : {};
  const search = { ...body, ...(least !== null && { min_score: least }) };
  const [path, sent] = ids.length
    ? ["/v1/export", { ids, format: "geojson", ...(body && !asked.pictured && { search }), ...of }]
    : ["/v1/search?format=geojson", { ...search, k: MOST }];
  const picture = asked.pictured && !ids.length;
  if (picture) {
    const given = quoted(JSON.stringify(sent));
    return `curl '${location.origin}/v1/search/upload?format=geojson' -F image=@picture.png -F query=${given} -o hits.geojson\n`;
  }
  const head = "-H 'Content-Type: application/json'";
  return `curl '${location.origin}${path}' ${head} -d ${quoted(JSON.stringify(sent))} -o hits.geojson\n`;
}

function unwantedOf({ body, ids }: Asked): boolean {
  return !ids.length && Boolean(body?.unwanted);
}

function named({ collection }: Asked): string {
  return collection ? `, collection=${literal(collection)}` : "";
}

function argumentsOf({ body, least, pictured }: Asked): string[] {
  const given: string[] = [];
  const words = literal(body?.text ?? "");
  const unwanted = body?.unwanted;
  if (unwanted) given.push(`Query(text=${words}, unwanted=${literal(unwanted)})`);
  else if (body?.text) given.push(words);
  if (pictured) given.push('image="picture.png"');
  if (body?.item) given.push(`image=archive.picture(${literal(body.item)})`);
  for (const name of NAMES) if (body?.[name] !== undefined) given.push(`${name}=${literal(body[name])}`);
  if (least !== null) given.push(`min_score=${least}`);
  return [...given, `k=${MOST}`];
}

/** A value as Python writes it: strings are written as JSON's are. */
function literal(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  return JSON.stringify(value);
}

/** A word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
