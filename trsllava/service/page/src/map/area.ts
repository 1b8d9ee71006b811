/** The part of the Earth that hits must lie in. */

import type { Footprint } from "../api";
import { type Box, type Position, unwrappedEast, wrap } from "./projection";

/** A closed ring of (longitude, latitude); longitudes run on past ±180 at the dateline. */
export type Ring = readonly (readonly [number, number])[];


export type Area = { box: Box } | { polygon: Ring };

export function boxOf(area: Area): Box {
  if ("box" in area) return area.box;
  const lons = area.polygon.map(([lon]) => lon);
  const lats = area.polygon.map(([, lat]) => lat);
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  if (east - west >= 360) return { west: -180, south, east: 180, north };
  return { west: wrap(west), south, east: east === 180 ? 180 : wrap(east), north };
}

/** A footprint's outline as a ring. */
export function ringOf(footprint: Footprint): Ring {
  if (footprint.polygon) return footprint.polygon;
  const { west, south, north } = footprint;
  const east = unwrappedEast(footprint);
  return [[west, north], [west, south], [east, south], [east, north], [west, north]];
}

/** A box between two corners, drawn from one to the other. */
export function boxBetween(from: Position, to: Position): Box {
  const [west, east] = from.lon < to.lon ? [from.lon, to.lon] : [to.lon, from.lon];
  const [south, north] = from.lat < to.lat ? [from.lat, to.lat] : [to.lat, from.lat];
  if (east - west >= 360) return { west: -180, south: round(south), east: 180, north: round(north) };
  return { west: round(wrap(west)), south: round(south), east: round(wrap(east)), north: round(north) };
}

/** A ring of corners; one that is set twice, as by a double click, counts once. */
export function polygonOf(corners: readonly Position[]): Ring {
  const points = corners.map(({ lon, lat }) => [round(lon), round(lat)] as const);
  return closed(points.filter(([lon, lat], at) => lon !== points[at - 1]?.[0] || lat !== points[at - 1]?.[1]));
}

/** A ring of an outline that does not come back to its beginning. */
export function closed(outline: readonly (readonly [number, number])[]): Ring {
  return outline.length ? [...outline, outline[0]!] : [];
}

/** Whether a footprint has a point in common with an area; boxes are the server's to compare. */
export function meets(footprint: Footprint, area: Area): boolean {
  if ("box" in area) return true;
  const own = ringOf(footprint);
  return [-360, 0, 360].some((turn) => ringsMeet(own.map(([lon, lat]) => [lon + turn, lat] as const), area.polygon));
}

function ringsMeet(one: Ring, other: Ring): boolean {
  if (one.some((point) => isInside(point, other)) || other.some((point) => isInside(point, one))) return true;
  return sides(one).some(([a, b]) => sides(other).some(([c, d]) => crosses(a, b, c, d)));
}

type Corner = readonly [number, number];

function sides(ring: Ring): [Corner, Corner][] {
  return ring.slice(1).map((corner, before) => [ring[before]!, corner]);
}

function isInside([x, y]: Corner, ring: Ring): boolean {
  let inside = false;
  for (const [[ax, ay], [bx, by]] of sides(ring)) {
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function crosses(a: Corner, b: Corner, c: Corner, d: Corner): boolean {
  return turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
}

function turn(a: Corner, b: Corner, c: Corner): number {
  return Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));
}

function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
