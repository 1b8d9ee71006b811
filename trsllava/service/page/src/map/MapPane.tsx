/** The map beside the hits: it shows where they are, and filters them by place. */

import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { about, thumbnailOf } from "../api";
import { hovered, results, shown } from "../results";
import { theme } from "../shell/theme";
import { change, state } from "../state";
import { type Area, boxOf, closed } from "./area";
import type { Placed } from "./draw";
import { Map } from "./Map";

export function MapPane() {
  const placed = useComputed(placedHits);
  const area = useComputed(() => areaOf(state.value.area, state.value.box));
  const kept = useComputed(() => new Set(state.value.selected));
  const [tiles, setTiles] = useState({ map_tiles: "", map_attribution: "" });
  useEffect(() => void about().then(setTiles, () => {}), []);
  const { collection } = results.value.ranking ?? { collection: "" };
  return (
    <aside class="pane map-pane">
      <Map
        hits={placed.value}
        unplaced={shown.value.length - placed.value.length}
        area={area.value}
        hovered={hovered.value || null}
        kept={kept.value}
        dark={theme.value === "dark"}
        tiles={tiles.map_tiles}
        attribution={tiles.map_attribution}
        thumbnailOf={(id) => thumbnailOf(id, collection)}
        onPoint={(id) => (hovered.value = id ?? "")}
        onOpen={(open) => change({ open })}
        onArea={look}
      />
    </aside>
  );
}

function placedHits(): Placed[] {
  const scores = shown.value.map((one) => one.score);
  const least = scores.reduce((a, b) => Math.min(a, b), Infinity);
  const most = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const range = most - least || 1;
  return shown.value.flatMap(({ id, footprint, score }) =>
    footprint ? [{ id, footprint, share: (score - least) / range }] : [],
  );
}

function areaOf(outline: [number, number][], box: [number, number, number, number] | null): Area | null {
  if (outline.length) return { polygon: closed(outline) };
  if (!box) return null;
  const [west, south, east, north] = box;
  return { box: { west, south, east, north } };
}

/** Hits must lie in an area: the server looks at its box, the page at its outline. */
function look(area: Area | null): void {
  if (!area) {
    change({ area: [], box: null });
    return;
  }
  const { west, south, east, north } = boxOf(area);
  const outline = "polygon" in area ? area.polygon.slice(0, -1).map(([lon, lat]): [number, number] => [lon, lat]) : [];
  change({ area: outline, box: [west, south, east, north] });
}
