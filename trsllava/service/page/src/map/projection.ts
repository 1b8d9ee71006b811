/** A plate carrée whose parallel of true scale follows the middle of the view: shapes there look as they are, boxes in
 * degrees are rectangles on the screen, and the poles and the dateline are places like any other. */

export interface Position {
  lon: number;
  lat: number;
}

export interface View extends Position {
  /** Degrees of latitude a CSS pixel. */
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** West > east crosses the dateline (RFC 7946). */
export interface Box {
  west: number;
  south: number;
  east: number;
  north: number;
}

const FINEST = 5e-7; // 5 cm a pixel
const NARROW = 40; // degrees of longitude without hits that are not worth turning the Earth for
const WIDE = 20; // degrees of latitude in view from which on the equator is the parallel of true scale

export function wrap(lon: number): number {
  const turned = (((lon + 180) % 360) + 360) % 360;
  return turned - 180;
}

/** East of a box as a longitude that is never below its west. */
export function unwrappedEast(box: Box): number {
  return box.east < box.west ? box.east + 360 : box.east;
}

/** How many pixels wide a degree of longitude is, against one of latitude. */
export function squeeze(view: View, size: Size): number {
  const high = view.scale * size.height;
  const near = Math.min(1, WIDE / high);
  return Math.max(0.1, Math.cos((Math.min(84, Math.abs(view.lat)) * near * Math.PI) / 180));
}

/** Where a place is on the screen; the copy of the world that is nearest to the middle, or `turns` of 360° on. */
export function project(view: View, size: Size, at: Position, turns = 0): Point {
  const east = wrap(at.lon - view.lon) + 360 * turns;
  return {
    x: size.width / 2 + (east * squeeze(view, size)) / view.scale,
    y: size.height / 2 - (at.lat - view.lat) / view.scale,
  };
}

/** The place at a point of the screen; its longitude is near the view's and may pass 180. */
export function unproject(view: View, size: Size, point: Point): Position {
  return {
    lon: view.lon + ((point.x - size.width / 2) * view.scale) / squeeze(view, size),
    lat: Math.max(-90, Math.min(90, view.lat - (point.y - size.height / 2) * view.scale)),
  };
}

/** The view, kept on the Earth: no farther out than the whole of it. */
export function bounded(view: View, size: Size): View {
  const whole = Math.max(180 / Math.max(1, size.height), 360 / Math.max(1, size.width));
  const scale = Math.max(FINEST, Math.min(whole, view.scale));
  const spare = Math.max(0, 90 - (scale * size.height) / 2);
  return { lon: wrap(view.lon), lat: Math.max(-spare, Math.min(spare, view.lat)), scale };
}

/** The view `factor` times as near, with the place under a point where it is. */
export function zoomed(view: View, size: Size, factor: number, about: Point): View {
  const held = unproject(view, size, about);
  const nearer = bounded({ ...view, scale: view.scale / factor }, size);
  const now = unproject(nearer, size, about);
  return bounded({ ...nearer, lon: nearer.lon + held.lon - now.lon, lat: nearer.lat + held.lat - now.lat }, size);
}

export function panned(view: View, size: Size, x: number, y: number): View {
  const east = (x * view.scale) / squeeze(view, size);
  return bounded({ ...view, lon: view.lon + east, lat: view.lat - y * view.scale }, size);
}

/** What is in view, as a box. */
export function inView(view: View, size: Size): Box {
  const upper = unproject(view, size, { x: 0, y: 0 });
  const lower = unproject(view, size, { x: size.width, y: size.height });
  if (lower.lon - upper.lon >= 360) return { west: -180, south: lower.lat, east: 180, north: upper.lat };
  return { west: wrap(upper.lon), south: lower.lat, east: wrap(lower.lon), north: upper.lat };
}

/** A view that shows all boxes, on whichever side of the dateline they lie. */
export function fitted(boxes: readonly Box[], size: Size): View {
  const around = enclosing(boxes);
  if (!around) return bounded({ lon: 0, lat: 0, scale: 1 }, size);
  const lat = (around.south + around.north) / 2;
  const lon = (around.west + unwrappedEast(around)) / 2;
  const high = (around.north - around.south) / Math.max(1, size.height - 64);
  const wide = (unwrappedEast(around) - around.west) / Math.max(1, size.width - 64);
  const tall = { lon, lat, scale: Math.max(high, 2e-5) };
  return bounded({ ...tall, scale: Math.max(tall.scale, wide * squeeze({ ...tall, scale: wide }, size)) }, size);
}

/** The smallest box around others: it leaves out the widest stretch of longitudes that none of them covers. */
export function enclosing(boxes: readonly Box[]): Box | null {
  if (!boxes.length) return null;
  const spans = boxes.map((box) => [box.west, unwrappedEast(box)] as const).sort((one, other) => one[0] - other[0]);
  const first = spans[0]![0];
  let reached = -Infinity;
  let gap = { width: -Infinity, from: 0, to: 0 };
  for (const [west, east] of [...spans, [first + 360, first + 360] as const]) {
    if (reached > -Infinity && west - reached > gap.width) gap = { width: west - reached, from: reached, to: west };
    reached = Math.max(reached, east);
  }
  const south = Math.min(...boxes.map((box) => box.south));
  const north = Math.max(...boxes.map((box) => box.north));
  if (gap.width < NARROW) return { west: -180, south, east: 180, north };
  return { west: wrap(gap.to), south, east: gap.from === 180 ? 180 : wrap(gap.from), north };
}
