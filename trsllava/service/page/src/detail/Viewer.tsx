import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Item, renderOf } from "../api";
import { Icon } from "../shell/icons";
import { useKeys } from "../shell/keys";
import { Picture } from "../shell/Picture";
import { texts } from "../texts";
import { partsOf, type Look } from "./parts";

/** The longest side of the picture that lies under the sharp parts. */
const BASE = 1024;
const MOST = 32;
const STEP = 1.25;
const NUDGE = 60;
const CRISP = 6;

/** An item's picture at full resolution, to zoom and pan: parts are loaded as they come into sight. */
export function Viewer({ item }: { item: Item }) {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [look, setLook] = useState<Look | null>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const [, , width, height] = item.tile.window;
  const fit = size.width ? Math.min(size.width / width, size.height / height) : 0;
  const fitted: Look = { scale: fit, x: (size.width - width * fit) / 2, y: (size.height - height * fit) / 2 };
  const now = look ?? fitted;

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => setLook(null), [item.tile.id]);

  const held = ({ scale, x, y }: Look): Look => ({ scale, x: keep(x, width * scale, size.width), y: keep(y, height * scale, size.height) });
  const zoom = (by: number, at = { x: size.width / 2, y: size.height / 2 }) => {
    const scale = Math.min(Math.max(now.scale * by, fit), Math.max(MOST, 2 * fit));
    if (scale <= fit * 1.001) return setLook(null);
    const ratio = scale / now.scale;
    setLook(held({ scale, x: at.x - (at.x - now.x) * ratio, y: at.y - (at.y - now.y) * ratio }));
  };
  const pan = (dx: number, dy: number) => look && setLook(held({ ...look, x: look.x + dx, y: look.y + dy }));
  const inFrame = ({ clientX, clientY }: MouseEvent) => {
    const { left = 0, top = 0 } = frame.current?.getBoundingClientRect() ?? {};
    return { x: clientX - left, y: clientY - top };
  };

  // The browser takes wheel listeners for passive unless it is told otherwise.
  const onWheel = useRef((_: WheelEvent) => {});
  onWheel.current = (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0022), inFrame(event));
  };
  useEffect(() => {
    const listen = (event: WheelEvent) => onWheel.current(event);
    frame.current?.addEventListener("wheel", listen, { passive: false });
    return () => frame.current?.removeEventListener("wheel", listen);
  }, []);

  const onMove = (event: PointerEvent) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const after = inFrame(event);
    const [other] = [...fingers.current].filter(([id]) => id !== event.pointerId);
    fingers.current.set(event.pointerId, after);
    if (!other) return pan(after.x - before.x, after.y - before.y);
    const [, still] = other;
    const distance = (one: { x: number; y: number }) => Math.hypot(one.x - still.x, one.y - still.y) || 1;
    zoom(distance(after) / distance(before), still);
  };
  const release = (event: PointerEvent) => fingers.current.delete(event.pointerId);

  useKeys({
    "+": () => zoom(STEP),
    "=": () => zoom(STEP),
    "-": () => zoom(1 / STEP),
    "0": () => setLook(null),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const arrows: Record<string, [number, number]> = {
      ArrowLeft: [NUDGE, 0],
      ArrowRight: [-NUDGE, 0],
      ArrowUp: [0, NUDGE],
      ArrowDown: [0, -NUDGE],
    };
    const arrow = arrows[event.key];
    if (!arrow || !look) return;
    pan(...arrow);
    event.preventDefault();
    event.stopPropagation();
  };

  const address = renderOf(item.tile.id, item.collection, { size: BASE });
  const parts = look ? partsOf(now, size, { width, height }, BASE) : [];
  const place = (x: number, y: number, wide: number, high: number) => ({
    left: `${now.x + x * now.scale}px`,
    top: `${now.y + y * now.scale}px`,
    width: `${wide * now.scale}px`,
    height: `${high * now.scale}px`,
  });
  return (
    <div
      ref={frame}
      class={`viewer ${look ? "zoomed" : ""} ${now.scale * devicePixelRatio >= CRISP ? "crisp" : ""}`}
      role="group"
      tabIndex={0}
      aria-label={texts.detail.viewer}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if ((event.target as HTMLElement).closest("button")) return;
        frame.current?.setPointerCapture(event.pointerId);
        fingers.current.set(event.pointerId, inFrame(event));
      }}
      onPointerMove={onMove}
      onPointerUp={release}
      onPointerCancel={release}
      onDblClick={(event) => (look ? setLook(null) : zoom(4, inFrame(event)))}
    >
      <div class="viewer-part" style={place(0, 0, width, height)}>
        <Picture key={address} address={address} alt={item.text?.variants[0]?.one_sentence ?? ""} />
      </div>
      {parts.map(({ col, row, wide, high, pixels }) => {
        const part = renderOf(item.tile.id, item.collection, { part: `${col},${row},${wide},${high}`, size: pixels });
        return (
          <div key={part} class="viewer-part sharp" style={place(col, row, wide, high)}>
            <Picture address={part} alt="" />
          </div>
        );
      })}
      <div class="viewer-tools">
        <button type="button" aria-label={texts.detail.zoomOut} onClick={() => zoom(1 / STEP ** 2)} disabled={!look}>
          <Icon name="less" />
        </button>
        <output>{now.scale ? `${Math.round(100 * now.scale)} %` : ""}</output>
        <button type="button" aria-label={texts.detail.zoomIn} onClick={() => zoom(STEP ** 2)}>
          <Icon name="more" />
        </button>
        <button type="button" aria-label={texts.detail.fit} onClick={() => setLook(null)} disabled={!look}>
          <Icon name="fit" />
        </button>
      </div>
    </div>
  );
}

/** Where a side of the picture may begin: it fills the frame, or lies in its middle where it is smaller. */
function keep(start: number, length: number, frame: number): number {
  return length <= frame ? (frame - length) / 2 : Math.min(Math.max(start, frame - length), 0);
}
