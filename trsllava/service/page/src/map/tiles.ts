/** Pictures of a tile server (Web Mercator, z/x/y) behind the hits, where the server names one. */

import { project, type Size, squeeze, unproject, type View } from "./projection";

const TILE = 256;
const DEEPEST = 19;
const STRIPS = 16;
const KEPT = 256;

export class TileLayer {
  readonly #address: string;
  readonly #loaded: () => void;
  readonly #pictures = new Map<string, HTMLImageElement>();

  /** `address` holds {z}, {x} and {y}; `loaded` is called whenever there is more to draw. */
  constructor(address: string, loaded: () => void) {
    this.#address = address;
    this.#loaded = loaded;
  }

  draw(context: CanvasRenderingContext2D, view: View, size: Size): void {
    const wide = view.scale / squeeze(view, size); // degrees of longitude a pixel
    const zoom = Math.max(0, Math.min(DEEPEST, Math.ceil(Math.log2(360 / (TILE * wide)) - 0.25)));
    const count = 2 ** zoom;
    const upper = unproject(view, size, { x: 0, y: 0 });
    const lower = unproject(view, size, { x: size.width, y: size.height });
    const [first, last] = [column(upper.lon, count), column(lower.lon, count)];
    for (let row = rowOf(upper.lat, count); row <= rowOf(lower.lat, count); row++) {
      for (let col = first; col <= last; col++) {
        const picture = this.#picture(zoom, ((col % count) + count) % count, row);
        if (picture.complete && picture.naturalWidth) drawTile(context, picture, view, size, count, col, row);
      }
    }
  }

  #picture(zoom: number, col: number, row: number): HTMLImageElement {
    const key = `${zoom}/${col}/${row}`;
    const known = this.#pictures.get(key);
    if (known) {
      this.#pictures.delete(key); // last used, last forgotten
      this.#pictures.set(key, known);
      return known;
    }
    const picture = new Image();
    picture.onload = this.#loaded;
    picture.src = this.#address.replace("{z}", `${zoom}`).replace("{x}", `${col}`).replace("{y}", `${row}`);
    this.#pictures.set(key, picture);
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= KEPT) break;
      this.#pictures.delete(oldest);
    }
    return picture;
  }
}

/** A tile in strips: within one, Mercator's parallels are as good as evenly spaced. */
function drawTile(
  context: CanvasRenderingContext2D,
  picture: HTMLImageElement,
  view: View,
  size: Size,
  count: number,
  col: number,
  row: number,
): void {
  const across = size.width / 2 + ((((col / count) * 360 - 180 - view.lon) * squeeze(view, size)) / view.scale);
  const width = ((360 / count) * squeeze(view, size)) / view.scale;
  const high = picture.naturalHeight / STRIPS;
  for (let strip = 0; strip < STRIPS; strip++) {
    const top = project(view, size, { lon: view.lon, lat: latitude((row + strip / STRIPS) / count) }).y;
    const bottom = project(view, size, { lon: view.lon, lat: latitude((row + (strip + 1) / STRIPS) / count) }).y;
    if (bottom < 0 || top > size.height) continue;
    // Half a pixel more, or seams show.
    context.drawImage(picture, 0, strip * high, picture.naturalWidth, high, across, top, width + 0.5, bottom - top + 0.5);
  }
}

function column(lon: number, count: number): number {
  return Math.floor(((lon + 180) / 360) * count);
}

function rowOf(lat: number, count: number): number {
  const sine = Math.sin((Math.max(-85.0511, Math.min(85.0511, lat)) * Math.PI) / 180);
  const down = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  return Math.max(0, Math.min(count - 1, Math.floor(down * count)));
}

/** Latitude at a share of Web Mercator's height from its top. */
function latitude(down: number): number {
  return (Math.atan(Math.sinh(Math.PI * (1 - 2 * down))) * 180) / Math.PI;
}
