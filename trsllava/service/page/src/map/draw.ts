/** Paints the map: land, grid, hits by score, the area, and the hit that is pointed at. */

import type { Footprint } from "../api";
import { type Area, type Ring, ringOf } from "./area";
import { type Colours, onRamp } from "./colours";
import { type Point, type Position, project, type Size, squeeze, unproject, unwrappedEast, type View } from "./projection";
import type { TileLayer } from "./tiles";

export interface Placed {
  id: string;
  footprint: Footprint;
  /** Place of the score in the range of all, 0 to 1. */
  share: number;
}

export interface Drawing {
  view: View;
  size: Size;
  colours: Colours;
  land: Path2D | null;
  tiles: TileLayer | null;
  hits: readonly Placed[];
  area: Area | null;
  /** Corners of an area that is being drawn, the pointer's place last. */
  sketch: readonly Position[];
  hovered: string | null;
  kept: ReadonlySet<string>;
  aim: boolean;
}

const SHADES = 24;
const SMALLEST = 5; // pixels: a footprint that is smaller is drawn as a dot
const STEPS = [30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];

export function paint(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { view, size, colours } = drawing;
  paintWater(context, view, size, colours);
  if (drawing.land) paintLand(context, drawing.land, view, size, colours);
  drawing.tiles?.draw(context, view, size);
  paintGrid(context, view, size, colours);
  paintHits(context, drawing);
  if (drawing.area) paintArea(context, drawing, drawing.area);
  paintSketch(context, drawing);
  const pointed = drawing.hits.find((hit) => hit.id === drawing.hovered);
  if (pointed) paintPointed(context, drawing, pointed);
  if (drawing.aim) paintAim(context, size, colours);
}

/** The water, from pole to pole. */
function paintWater(context: CanvasRenderingContext2D, view: View, size: Size, colours: Colours): void {
  context.fillStyle = colours.beyond;
  context.fillRect(0, 0, size.width, size.height);
  const top = Math.max(0, project(view, size, { lon: view.lon, lat: 90 }).y);
  const bottom = Math.min(size.height, project(view, size, { lon: view.lon, lat: -90 }).y);
  context.fillStyle = colours.water;
  context.fillRect(0, top, size.width, bottom - top);
}

/** The copies of the world of which something is in view. */
export function turnsInView(view: View, size: Size): number[] {
  const half = (size.width * view.scale) / squeeze(view, size) / 2;
  return half + 180 > 360 ? [-2, -1, 0, 1, 2] : half > 0 ? [-1, 0, 1] : [0];
}

function paintLand(context: CanvasRenderingContext2D, land: Path2D, view: View, size: Size, colours: Colours): void {
  const high = 1 / view.scale;
  const wide = squeeze(view, size) / view.scale;
  context.fillStyle = colours.land;
  for (const turn of turnsInView(view, size)) {
    context.save();
    context.translate(size.width / 2 + (360 * turn - view.lon) * wide, size.height / 2 + view.lat * high);
    context.scale(wide, -high);
    context.fill(land, "evenodd");
    context.restore();
  }
}

function paintGrid(context: CanvasRenderingContext2D, view: View, size: Size, colours: Colours): void {
  const upper = unproject(view, size, { x: 0, y: 0 });
  const lower = unproject(view, size, { x: size.width, y: size.height });
  const step = STEPS.find((one) => (one / view.scale) * squeeze(view, size) < 130) ?? STEPS.at(-1)!;
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.label;
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  context.beginPath();
  context.textAlign = "center";
  context.textBaseline = "bottom";
  for (let lon = Math.ceil(upper.lon / step) * step; lon <= lower.lon; lon += step) {
    const x = Math.round(size.width / 2 + ((lon - view.lon) * squeeze(view, size)) / view.scale) + 0.5;
    context.moveTo(x, project(view, size, { lon: 0, lat: 90 }).y);
    context.lineTo(x, project(view, size, { lon: 0, lat: -90 }).y);
    if (x > 40 && x < size.width - 40) context.fillText(degrees(lon, step, "E", "W"), x, size.height - 4);
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (let lat = Math.ceil(lower.lat / step) * step; lat <= upper.lat + step / 100; lat += step) {
    const y = Math.round(size.height / 2 - (lat - view.lat) / view.scale) + 0.5;
    context.moveTo(0, y);
    context.lineTo(size.width, y);
    if (y > 16 && y < size.height - 24) context.fillText(degrees(lat, step, "N", "S"), 6, y - 7);
  }
  context.stroke();
}

function degrees(value: number, step: number, positive: string, negative: string): string {
  const turned = Math.abs(value) > 180 ? ((((value + 180) % 360) + 360) % 360) - 180 : value;
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  const shown = Math.abs(turned).toFixed(digits);
  return Number(shown) === 0 ? "0°" : `${shown}° ${turned > 0 ? positive : negative}`;
}

/** The lowest scores first, so that the best lie on top. One path a shade: 10,000 hits cost as little as 24. */
function paintHits(context: CanvasRenderingContext2D, { view, size, colours, hits, kept }: Drawing): void {
  const shades: Path2D[] = Array.from({ length: SHADES + 1 }, () => new Path2D());
  const marks = new Path2D();
  for (const hit of hits) {
    const shade = shades[Math.round(hit.share * SHADES)]!;
    for (const turn of turnsInView(view, size)) {
      if (!addFootprint(shade, hit, view, size, turn)) continue;
      if (kept.has(hit.id)) addRing(marks, hit, view, size, turn);
    }
  }
  context.lineWidth = 1.5;
  for (const [number, shade] of shades.entries()) {
    const colour = onRamp(colours, number / SHADES);
    context.globalAlpha = 0.55;
    context.fillStyle = colour;
    context.fill(shade);
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.stroke(shade);
  }
  context.strokeStyle = colours.area;
  context.lineWidth = 2;
  context.stroke(marks);
}

function addFootprint(path: Path2D, hit: Placed, view: View, size: Size, turn: number): boolean {
  const { footprint } = hit;
  const middle = project(view, size, centreOf(footprint), turn);
  const wide = ((unwrappedEast(footprint) - footprint.west) * squeeze(view, size)) / view.scale;
  const high = (footprint.north - footprint.south) / view.scale;
  if (Math.abs(middle.x - size.width / 2) > size.width / 2 + wide + SMALLEST) return false;
  if (Math.abs(middle.y - size.height / 2) > size.height / 2 + high + SMALLEST) return false;
  if (Math.max(wide, high) < 2 * SMALLEST) {
    const radius = 3 + 2 * hit.share;
    path.moveTo(middle.x + radius, middle.y);
    path.arc(middle.x, middle.y, radius, 0, 2 * Math.PI);
  } else {
    trace(path, ringOf(footprint), footprint, view, size, turn);
  }
  return true;
}

function addRing(path: Path2D, hit: Placed, view: View, size: Size, turn: number): void {
  const { x, y } = project(view, size, centreOf(hit.footprint), turn);
  path.moveTo(x + 8, y);
  path.arc(x, y, 8, 0, 2 * Math.PI);
}

/** A ring whose corners stay together on the screen, however far the dateline is. */
function trace(path: Path2D, ring: Ring, around: Footprint, view: View, size: Size, turn: number): void {
  const centre = centreOf(around);
  const middle = project(view, size, centre, turn);
  for (const [number, [lon, lat]] of ring.entries()) {
    const x = middle.x + ((lon - centre.lon) * squeeze(view, size)) / view.scale;
    const y = middle.y - (lat - centre.lat) / view.scale;
    if (number) path.lineTo(x, y);
    else path.moveTo(x, y);
  }
  path.closePath();
}

export function centreOf(footprint: Footprint): Position {
  return {
    lon: (footprint.west + unwrappedEast(footprint)) / 2,
    lat: (footprint.south + footprint.north) / 2,
  };
}

function paintArea(context: CanvasRenderingContext2D, drawing: Drawing, area: Area): void {
  const { view, size, colours } = drawing;
  const ring = "polygon" in area ? area.polygon : ringOf({ ...area.box, polygon: null });
  const path = new Path2D();
  for (const turn of turnsInView(view, size)) traceFrom(path, ring, view, size, turn);
  const shade = new Path2D(path);
  shade.rect(0, 0, size.width, size.height);
  context.fillStyle = colours.shade;
  context.fill(shade, "evenodd");
  context.strokeStyle = colours.area;
  context.lineWidth = 2;
  context.stroke(path);
}

function traceFrom(path: Path2D, ring: Ring, view: View, size: Size, turn: number): void {
  const first = ring[0]!;
  const start = project(view, size, { lon: first[0], lat: first[1] }, turn);
  for (const [number, [lon, lat]] of ring.entries()) {
    const x = start.x + ((lon - first[0]) * squeeze(view, size)) / view.scale;
    const y = start.y - (lat - first[1]) / view.scale;
    if (number) path.lineTo(x, y);
    else path.moveTo(x, y);
  }
  path.closePath();
}

function paintSketch(context: CanvasRenderingContext2D, { view, size, colours, sketch }: Drawing): void {
  if (!sketch.length) return;
  const points = sketch.map(({ lon, lat }) => ({
    x: size.width / 2 + ((lon - view.lon) * squeeze(view, size)) / view.scale,
    y: size.height / 2 - (lat - view.lat) / view.scale,
  }));
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  if (points.length > 2) context.closePath();
  context.strokeStyle = colours.area;
  context.setLineDash([6, 4]);
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colours.area;
  for (const { x, y } of points) context.fillRect(x - 3, y - 3, 6, 6);
}

function paintPointed(context: CanvasRenderingContext2D, { view, size, colours }: Drawing, hit: Placed): void {
  const path = new Path2D();
  const rings = new Path2D();
  for (const turn of turnsInView(view, size)) {
    if (!addFootprint(path, hit, view, size, turn)) continue;
    const { x, y } = project(view, size, centreOf(hit.footprint), turn);
    rings.moveTo(x + 12, y);
    rings.arc(x, y, 12, 0, 2 * Math.PI);
  }
  context.fillStyle = onRamp(colours, hit.share);
  context.fill(path);
  context.strokeStyle = colours.ring;
  context.lineWidth = 2;
  context.stroke(path);
  context.stroke(rings);
}

function paintAim(context: CanvasRenderingContext2D, size: Size, colours: Colours): void {
  const { x, y }: Point = { x: size.width / 2, y: size.height / 2 };
  context.beginPath();
  context.moveTo(x - 12, y);
  context.lineTo(x + 12, y);
  context.moveTo(x, y - 12);
  context.lineTo(x, y + 12);
  context.strokeStyle = colours.ring;
  context.lineWidth = 2;
  context.stroke();
}

/** The hit under a point: the highest score of those that are there. */
export function hitAt(hits: readonly Placed[], view: View, size: Size, point: Point): Placed | null {
  let found: Placed | null = null;
  for (const hit of hits) {
    const { footprint } = hit;
    const wide = Math.max(SMALLEST + 1, ((unwrappedEast(footprint) - footprint.west) * squeeze(view, size)) / view.scale / 2);
    const high = Math.max(SMALLEST + 1, (footprint.north - footprint.south) / view.scale / 2);
    for (const turn of turnsInView(view, size)) {
      const middle = project(view, size, centreOf(footprint), turn);
      const near = Math.abs(middle.x - point.x) <= wide && Math.abs(middle.y - point.y) <= high;
      if (near && (!found || hit.share >= found.share)) found = hit;
    }
  }
  return found;
}
