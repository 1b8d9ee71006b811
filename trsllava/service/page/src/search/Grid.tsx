import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { hovered, type Shown } from "../results";
import { state, toggleSelected } from "../state";
import { texts } from "../texts";
import { Card } from "./Card";
import { lessLike, moreLike } from "./likeness";
import type { Stems } from "./marks";

const GAP = 16;
const TEXT = 92;
const AHEAD = 2;

interface Layout {
  columns: number;
  width: number;
  height: number;
}

function layoutOf(width: number): Layout {
  const least = width < 560 ? 150 : 205;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const side = (width - GAP * (columns - 1)) / columns;
  return { columns, width: side, height: side + TEXT + GAP };
}

/** All hits, of which only those near the window are on the page. */
export function Grid({ hits, stems, collection }: { hits: Shown[]; stems: Stems; collection: string }) {
  const list = useRef<HTMLUListElement>(null);
  const [width, setWidth] = useState(0);
  const [[first, last], setRows] = useState([0, 0]);
  const [current, setCurrent] = useState(0);
  const focusing = useRef(-1);
  const layout = layoutOf(width);
  const rows = Math.ceil(hits.length / layout.columns);

  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (list.current) {
      setWidth(list.current.clientWidth);
      observer.observe(list.current);
    }
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const look = () => {
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const from = Math.max(0, Math.floor(-top / layout.height) - AHEAD);
      const to = Math.min(rows, Math.ceil((innerHeight - top) / layout.height) + AHEAD);
      setRows((before) => (before[0] === from && before[1] === to ? before : [from, to]));
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [width, rows, layout.height]);

  useEffect(() => {
    if (focusing.current < 0) return;
    const link = list.current?.querySelector<HTMLElement>(`[data-index="${focusing.current}"]`);
    if (!link) return;
    focusing.current = -1;
    link.focus({ preventScroll: true });
  });

  const move = (to: number) => {
    const index = Math.min(Math.max(to, 0), hits.length - 1);
    const top = (list.current?.getBoundingClientRect().top ?? 0) + Math.floor(index / layout.columns) * layout.height;
    const head = document.querySelector("header.top")?.clientHeight ?? 0;
    if (top < head + GAP) scrollBy(0, top - head - GAP);
    else if (top + layout.height > innerHeight) scrollBy(0, top + layout.height - innerHeight);
    focusing.current = index;
    setCurrent(index);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: current - 1,
      ArrowRight: current + 1,
      ArrowUp: current - layout.columns,
      ArrowDown: current + layout.columns,
      Home: 0,
      End: hits.length - 1,
      PageDown: current + 3 * layout.columns,
      PageUp: current - 3 * layout.columns,
    };
    const one = hits[current];
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !one) return;
    if (step !== undefined) move(step);
    else if (event.key === "x") toggleSelected(one.id);
    else if (event.key === "+") moreLike(one.id);
    else if (event.key === "-") void lessLike(one, collection);
    else return;
    event.preventDefault();
  };

  const from = first * layout.columns;
  const visible = width ? hits.slice(from, last * layout.columns) : [];
  const tabbed = current >= from && current < from + visible.length ? current : from + AHEAD * layout.columns * +(first > 0);
  return (
    <ul
      ref={list}
      class="grid"
      aria-label={texts.search.results}
      data-selected={state.value.selected.length > 0}
      style={{ height: `${Math.max(rows * layout.height - GAP, 0)}px` }}
      onKeyDown={onKeyDown}
      onMouseLeave={() => (hovered.value = "")}
    >
      {visible.map((one, at) => {
        const index = from + at;
        const x = (index % layout.columns) * (layout.width + GAP);
        const y = Math.floor(index / layout.columns) * layout.height;
        return (
          <li
            key={one.id}
            aria-posinset={index + 1}
            aria-setsize={hits.length}
            style={{ width: `${layout.width}px`, transform: `translate(${x}px, ${y}px)` }}
            onFocusCapture={() => setCurrent(index)}
          >
            <Card one={one} index={index} total={hits.length} stems={stems} tabbed={index === tabbed} />
          </li>
        );
      })}
    </ul>
  );
}
