import { useSignal } from "@preact/signals";
import type { Sort } from "../api";
import { candidates, results, shown } from "../results";
import { change, state } from "../state";
import { TakeButton } from "../take/TakeButton";
import { texts } from "../texts";
import { CutOff } from "./CutOff";

const SORTS: Sort[] = ["score", "newest", "oldest"];

/** How many hits there are, and how they are cut off, ordered and varied. */
export function Toolbar() {
  const { phase, took } = results.value;
  const { sort, diversity } = state.value;
  return (
    <div class="toolbar">
      <p class="found" role="status">
        <b>{texts.search.found(candidates.value.length, shown.value.length)}</b>{" "}
        <span>{phase === "ranking" ? texts.search.ordering : texts.search.took(took)}</span>
      </p>
      <CutOff />
      <label class="field">
        <span>{texts.search.sort}</span>
        <select value={sort} onChange={(event) => change({ sort: event.currentTarget.value as Sort })}>
          {SORTS.map((one) => (
            <option key={one} value={one}>
              {texts.search.sorts[one]}
            </option>
          ))}
        </select>
      </label>
      <Variety diversity={diversity} />
      <TakeButton />
    </div>
  );
}

function Variety({ diversity }: { diversity: number }) {
  const dragged = useSignal<number | null>(null);
  return (
    <label class="field variety" title={texts.search.diversityHint}>
      <span>{texts.search.diversity}</span>
      <input
        type="range"
        min="0"
        max="1"
        step="0.1"
        value={dragged.value ?? diversity}
        onInput={(event) => (dragged.value = Number(event.currentTarget.value))}
        onChange={(event) => {
          dragged.value = null;
          change({ diversity: Number(event.currentTarget.value), least: null });
        }}
      />
    </label>
  );
}
