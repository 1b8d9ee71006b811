/** The map's canvas: what is shown, and what pointers, wheel and keys do to it. */

import { type Area, boxBetween, boxOf, polygonOf } from "./area";
import { type Colours, coloursOf } from "./colours";
import { centreOf, hitAt, paint, type Placed } from "./draw";
import { coarseLand, fineLand } from "./land";
import {
  bounded,
  type Box,
  fitted,
  inView,
  panned,
  type Point,
  type Position,
  project,
  type Size,
  unproject,
  type View,
  zoomed,
} from "./projection";
import { TileLayer } from "./tiles";

export type Tool = "move" | "box" | "polygon";

export interface Heard {
  /** A hit is pointed at, or none. */
  pointed(id: string | null): void;
  opened(id: string): void;
  /** An area has been drawn. */
  drawn(area: Area): void;
  /** The tool has been put down. */
  done(): void;
  /** The view, or what is pointed at, has moved. */
  moved(): void;
}

const CLICK = 4; // pixels that a pointer may move in a click
const FINE = 0.12; // degrees a pixel below which coarse outlines look coarse
const STEP = 80;

export class MapCanvas {
  #view: View = { lon: 0, lat: 0, scale: 1 };
  #size: Size = { width: 1, height: 1 };
  #hits: readonly Placed[] = [];
  #area: Area | null = null;
  #kept: ReadonlySet<string> = new Set();
  #hovered: string | null = null;
  #tool: Tool = "move";
  #corners: Position[] = [];
  #pointer: Position | null = null;
  #byKeys = false;
  #colours: Colours = coloursOf(false);
  #coarse: Path2D | null = null;
  #fine: Path2D | null = null;
  #fineAsked = false;
  #tiles: TileLayer | null = null;
  #fits = true;
  #frame = 0;
  readonly #pointers = new Map<number, Point>();
  #pressed: Point | null = null;
  readonly #canvas: HTMLCanvasElement;
  readonly #heard: Heard;
  readonly #stopped = new AbortController();
  readonly #resized: ResizeObserver;

  constructor(canvas: HTMLCanvasElement, heard: Heard) {
    this.#canvas = canvas;
    this.#heard = heard;
    this.#resized = new ResizeObserver(() => this.#resize());
    this.#resized.observe(canvas);
    this.#listen();
    void coarseLand().then((land) => {
      this.#coarse = land;
      this.#draw();
    });
  }

  stop(): void {
    this.#stopped.abort();
    this.#resized.disconnect();
    cancelAnimationFrame(this.#frame);
  }

  /** Show these hits; the view moves to them unless somebody has moved it, or they are sought in an area. */
  show(hits: readonly Placed[], area: Area | null): void {
    const others = hits.length !== this.#hits.length || hits.some((hit, place) => hit.id !== this.#hits[place]!.id);
    this.#hits = hits;
    this.#area = area;
    if (others && !area) this.#fits = true;
    if (others && this.#fits) this.fit();
    this.#draw();
  }

  mark(hovered: string | null, kept: ReadonlySet<string>): void {
    this.#hovered = hovered;
    this.#kept = kept;
    this.#draw();
  }

  look(dark: boolean, tiles: string): void {
    this.#colours = coloursOf(dark);
    this.#tiles = tiles ? new TileLayer(tiles, () => this.#draw()) : null;
    this.#draw();
  }

  take(tool: Tool): void {
    this.#tool = tool;
    this.#corners = [];
    this.#pointer = null;
    this.#canvas.style.cursor = tool === "move" ? "grab" : "crosshair";
    this.#draw();
  }

  /** Show the area, or all hits; without either, the whole Earth. */
  fit(): void {
    this.#fits = true;
    this.#view = fitted(this.#area ? [boxOf(this.#area)] : this.#hits.map((hit) => hit.footprint), this.#size);
    this.#draw();
  }

  zoom(factor: number, about: Point = this.#middle()): void {
    this.#fits = false;
    this.#view = zoomed(this.#view, this.#size, factor, about);
    this.#draw();
  }

  /** What is in view, as a box. */
  get box(): Box {
    const { west, south, east, north } = inView(this.#view, this.#size);
    return boxBetween({ lon: west, lat: south }, { lon: east < west ? east + 360 : east, lat: north });
  }

  /** Close the polygon whose corners were set. */
  finish(): void {
    if (this.#corners.length >= 3) this.#heard.drawn({ polygon: polygonOf(this.#corners) });
    this.#heard.done();
  }

  get corners(): number {
    return this.#corners.length;
  }

  /** Where a hit is on the canvas; null where it is out of sight. */
  placeOf(id: string): Point | null {
    const hit = this.#hits.find((one) => one.id === id);
    if (!hit) return null;
    const at = project(this.#view, this.#size, centreOf(hit.footprint));
    return at.x < 0 || at.y < 0 || at.x > this.#size.width || at.y > this.#size.height ? null : at;
  }

  #middle(): Point {
    return { x: this.#size.width / 2, y: this.#size.height / 2 };
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width || !height) return;
    this.#size = { width, height };
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    if (this.#fits) this.fit();
    this.#view = bounded(this.#view, this.#size);
    this.#draw();
  }

  #draw(): void {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#paint();
    });
  }

  #paint(): void {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const fine = this.#view.scale < FINE;
    if (fine && !this.#fineAsked) {
      this.#fineAsked = true;
      void fineLand().then((land) => {
        this.#fine = land;
        this.#draw();
      });
    }
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint(context, {
      view: this.#view,
      size: this.#size,
      colours: this.#colours,
      land: (fine && this.#fine) || this.#coarse,
      tiles: this.#tiles,
      hits: this.#hits,
      area: this.#area,
      sketch: this.#sketch(),
      hovered: this.#hovered,
      kept: this.#kept,
      aim: this.#tool !== "move" && this.#byKeys,
    });
    this.#heard.moved();
  }

  /** Corners that were set, and the one that would come next. */
  #sketch(): Position[] {
    if (this.#tool === "move" || !this.#corners.length) return [];
    const next = this.#byKeys ? unproject(this.#view, this.#size, this.#middle()) : this.#pointer;
    if (!next) return this.#corners;
    if (this.#tool === "polygon") return [...this.#corners, next];
    const from = this.#corners[0]!;
    return [from, { lon: next.lon, lat: from.lat }, next, { lon: from.lon, lat: next.lat }];
  }

  #setCorner(at: Position): void {
    const from = this.#corners[0];
    this.#fits = false; // who draws sees what it does where it was drawn
    if (this.#tool === "box" && from) {
      this.#heard.drawn({ box: boxBetween(from, at) });
      this.#heard.done();
      return;
    }
    this.#corners = [...this.#corners, at];
    this.#draw();
    this.#heard.moved();
  }

  #listen(): void {
    const { signal } = this.#stopped;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      this.#canvas.addEventListener(name, act, { signal, passive: false });
    on("pointerdown", (event) => this.#press(event));
    on("pointermove", (event) => this.#move(event));
    on("pointerup", (event) => this.#release(event));
    on("pointercancel", (event) => this.#pointers.delete(event.pointerId));
    on("pointerleave", () => this.#heard.pointed(null));
    on("dblclick", () => this.#tool === "polygon" && this.finish());
    on("wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), pointOf(event));
    });
    on("keydown", (event) => this.#key(event));
    on("blur", () => {
      this.#byKeys = false;
      this.#draw();
    });
  }

  #press(event: PointerEvent): void {
    if (event.button) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, pointOf(event));
    this.#pressed = this.#pointers.size === 1 ? pointOf(event) : null;
    this.#byKeys = false;
    if (this.#tool === "box" && !this.#corners.length) this.#setCorner(this.#at(event));
  }

  #move(event: PointerEvent): void {
    const at = pointOf(event);
    const before = this.#pointers.get(event.pointerId);
    if (this.#tool !== "move" && this.#pointers.size < 2) {
      this.#pointer = this.#at(event);
      this.#draw();
    } else if (before) {
      this.#drag(event.pointerId, before, at);
    } else {
      this.#heard.pointed(hitAt(this.#hits, this.#view, this.#size, at)?.id ?? null);
    }
  }

  #drag(pointer: number, before: Point, at: Point): void {
    const other = [...this.#pointers].find(([id]) => id !== pointer)?.[1];
    this.#pointers.set(pointer, at);
    this.#fits = false;
    if (other) {
      const apart = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y);
      this.zoom(apart(at) / Math.max(1, apart(before)), { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 });
      return;
    }
    this.#view = panned(this.#view, this.#size, before.x - at.x, before.y - at.y);
    this.#draw();
  }

  #release(event: PointerEvent): void {
    const at = pointOf(event);
    this.#pointers.delete(event.pointerId);
    const pressed = this.#pressed;
    this.#pressed = null;
    if (!pressed) return;
    const still = Math.hypot(at.x - pressed.x, at.y - pressed.y) <= CLICK;
    if (this.#tool === "box") {
      // Drawn from corner to corner, or set by two clicks, of which the first is over.
      if (!still || !samePlace(this.#corners[0], this.#at(event))) this.#setCorner(this.#at(event));
    } else if (this.#tool === "polygon") {
      if (still) this.#setCorner(this.#at(event));
    } else if (still) {
      const hit = hitAt(this.#hits, this.#view, this.#size, at);
      if (hit) this.#heard.opened(hit.id);
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pans: Record<string, [number, number]> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, -STEP],
      ArrowDown: [0, STEP],
    };
    const pan = pans[event.key];
    if (pan) {
      this.#fits = false;
      const part = event.shiftKey ? 0.125 : 1;
      this.#view = panned(this.#view, this.#size, pan[0] * part, pan[1] * part);
    } else if (event.key === "+" || event.key === "=") this.zoom(1.6);
    else if (event.key === "-") this.zoom(1 / 1.6);
    else if (event.key === "0") this.fit();
    else if (event.key === "Enter" && this.#tool !== "move") this.#setCorner(unproject(this.#view, this.#size, this.#middle()));
    else if (event.key === "c" && this.#tool === "polygon") this.finish();
    else if (event.key === "Escape" && this.#tool !== "move") this.#heard.done();
    else return;
    this.#byKeys = true;
    event.preventDefault();
    event.stopPropagation();
    this.#draw();
  }

  #at(event: MouseEvent): Position {
    return unproject(this.#view, this.#size, pointOf(event));
  }
}

function pointOf(event: MouseEvent): Point {
  return { x: event.offsetX, y: event.offsetY };
}

function samePlace(one: Position | undefined, other: Position): boolean {
  return one?.lon === other.lon && one.lat === other.lat;
}
