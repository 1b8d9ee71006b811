/** Where the hits are, and where they may be. */

import { useEffect, useRef, useState } from "preact/hooks";
import { Picture } from "../shell/Picture";
import { texts } from "../texts";
import type { Area } from "./area";
import { MapCanvas, type Tool } from "./canvas";
import { coloursOf, onRamp } from "./colours";
import type { Placed } from "./draw";
import type { Point } from "./projection";

export interface MapProps {
  hits: readonly Placed[];
  /** Hits that lie nowhere. */
  unplaced: number;
  area: Area | null;
  hovered: string | null;
  kept: ReadonlySet<string>;
  dark: boolean;
  /** Address of map tiles with {z}, {x} and {y}; empty for none. */
  tiles: string;
  attribution: string;
  thumbnailOf(id: string): string;
  onPoint(id: string | null): void;
  onOpen(id: string): void;
  onArea(area: Area | null): void;
}

export function Map(props: MapProps) {
  const { hits, unplaced, area, hovered, kept, dark, tiles, attribution, thumbnailOf, onPoint, onOpen, onArea } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const map = useRef<MapCanvas | null>(null);
  const heard = useRef({ onPoint, onOpen, onArea });
  heard.current = { onPoint, onOpen, onArea };
  const [tool, setTool] = useState<Tool>("move");
  const [corners, setCorners] = useState(0);
  const [own, setOwn] = useState<string | null>(null);
  const [place, setPlace] = useState<Point | null>(null);
  const pointed = useRef<string | null>(null);
  pointed.current = own;

  useEffect(() => {
    const shown = new MapCanvas(canvas.current!, {
      pointed(id) {
        setOwn(id);
        heard.current.onPoint(id);
      },
      opened: (id) => heard.current.onOpen(id),
      drawn: (drawn) => heard.current.onArea(drawn),
      done: () => take("move"),
      moved() {
        setCorners(shown.corners);
        setPlace(pointed.current ? shown.placeOf(pointed.current) : null);
      },
    });
    map.current = shown;
    return () => shown.stop();
  }, []);
  useEffect(() => map.current?.look(dark, tiles), [dark, tiles]);
  useEffect(() => map.current?.show(hits, area), [hits, area]);
  useEffect(() => map.current?.mark(hovered, kept), [hovered, kept]);

  function take(wanted: Tool) {
    map.current?.take(wanted); // at once: the next key or click is for it
    setTool(wanted);
  }

  function draw(wanted: Tool) {
    take(tool === wanted ? "move" : wanted);
    canvas.current?.focus();
  }

  return (
    <section class="map" aria-label={texts.map.title}>
      <div class="map-tools" role="toolbar" aria-label={texts.map.tools}>
        <button type="button" aria-pressed={tool === "box"} onClick={() => draw("box")}>{texts.map.box}</button>
        <button type="button" aria-pressed={tool === "polygon"} onClick={() => draw("polygon")}>{texts.map.polygon}</button>
        <button type="button" onClick={() => map.current && onArea({ box: map.current.box })}>{texts.map.here}</button>
        {area && <button type="button" onClick={() => onArea(null)}>{texts.map.anywhere}</button>}
        {tool === "polygon" && corners >= 3 && (
          <button type="button" class="main" onClick={() => map.current?.finish()}>{texts.map.close}</button>
        )}
      </div>
      <div class="map-frame">
        <canvas ref={canvas} tabIndex={0} role="application" aria-label={texts.map.canvas(hits.length)} aria-describedby="map-help" />
        <div class="map-zoom">
          <button type="button" aria-label={texts.map.nearer} title={texts.map.nearer} onClick={() => map.current?.zoom(1.6)}>+</button>
          <button type="button" aria-label={texts.map.farther} title={texts.map.farther} onClick={() => map.current?.zoom(1 / 1.6)}>−</button>
          <button type="button" aria-label={texts.map.fit} title={texts.map.fit} onClick={() => map.current?.fit()}>⤢</button>
        </div>
        {own && place && (
          <div class="map-tip" style={{ left: `${place.x}px`, top: `${place.y}px` }}>
            <Picture key={own} address={thumbnailOf(own)} alt="" />
          </div>
        )}
        <Legend dark={dark} />
        <p class="map-credit">{[texts.map.land, attribution].filter(Boolean).join(" · ")}</p>
      </div>
      <p class="map-status" role="status">{tool === "move" ? texts.map.placed(hits.length, unplaced) : texts.map.drawing[tool]}</p>
      <p id="map-help" class="map-help">{texts.map.help}</p>
    </section>
  );
}

function Legend({ dark }: { dark: boolean }) {
  const colours = coloursOf(dark);
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => onRamp(colours, share));
  return (
    <div class="map-legend">
      <span>{texts.map.low}</span>
      <span class="map-ramp" style={{ background: `linear-gradient(to right, ${stops.join(", ")})` }} />
      <span>{texts.map.high}</span>
    </div>
  );
}
