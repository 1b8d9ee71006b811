import { useComputed } from "@preact/signals";
import { candidates } from "../results";
import { change, state } from "../state";
import { texts } from "../texts";

const BINS = 36;
const STEPS = 200;

/** A slider over the histogram of scores: what scores less is hidden. */
export function CutOff() {
  const spread = useComputed(() => spreadOf(candidates.value.map((one) => one.score)));
  const { lowest, highest, heights } = spread.value;
  const { least } = state.value;
  const span = highest - lowest;
  if (!(span > 0)) return null;
  const at = least === null ? 0 : Math.min(Math.max((least - lowest) / span, 0), 1);
  const set = (position: number) =>
    change({ least: position <= 0 ? null : Number((lowest + position * span).toPrecision(5)) }, { replace: true });
  return (
    <div class="cut-off" title={texts.search.leastHint(candidates.value.length)}>
      <span aria-hidden="true">{texts.search.leastLabel}</span>
      <svg viewBox={`0 0 ${BINS} 1`} preserveAspectRatio="none" aria-hidden="true">
        {heights.map((height, bin) => (
          <rect
            key={bin}
            class={bin + 1 <= at * BINS ? "off" : ""}
            x={bin + 0.1}
            y={1 - height}
            width="0.8"
            height={height}
          />
        ))}
      </svg>
      <input
        type="range"
        min="0"
        max={STEPS}
        aria-label={texts.search.leastLabel}
        aria-valuetext={least === null ? texts.search.allScores : least.toFixed(2)}
        value={Math.round(at * STEPS)}
        onInput={(event) => set(Number(event.currentTarget.value) / STEPS)}
      />
      <output>{least === null ? texts.search.allScores : `≥ ${least.toFixed(2)}`}</output>
    </div>
  );
}

/** The range of some scores, and how high each bar of their histogram is, 0 to 1: by the square root, since most
 * scores are low and the few high ones are what one looks for. */
function spreadOf(scores: number[]): { lowest: number; highest: number; heights: number[] } {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const score of scores) {
    lowest = Math.min(lowest, score);
    highest = Math.max(highest, score);
  }
  const counts = new Array<number>(BINS).fill(0);
  for (const score of scores) {
    const bin = Math.min(BINS - 1, Math.floor(((score - lowest) / (highest - lowest)) * BINS));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts, 1);
  return { lowest, highest, heights: counts.map((count) => Math.sqrt(count / most)) };
}
