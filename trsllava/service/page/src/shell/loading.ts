// How many pictures are on their way: what can wait lets them pass first.
const PATIENCE = 3000;
const FRAME = 100;

let under_way = 0;
let waiting: (() => void)[] = [];

/** A picture is being loaded. */
export const loading = () => void under_way++;

/** A picture has come, or is not wanted any more. */
export function loadingEnds(): void {
  under_way--;
  // Another may take its place while the page is drawn anew.
  queueMicrotask(() => {
    if (under_way) return;
    const told = waiting;
    waiting = [];
    for (const tell of told) tell();
  });
}

/** Resolves when the pictures that are about to be drawn are there, or take too long. */
export async function picturesLoaded(): Promise<void> {
  await frame();
  await frame();
  if (!under_way) return;
  await Promise.race([new Promise<void>((resolve) => waiting.push(resolve)), pause(PATIENCE)]);
}

/** The next frame, or a moment where the page is not drawn because nobody sees it. */
const frame = () => Promise.race([new Promise((resolve) => requestAnimationFrame(resolve)), pause(FRAME)]);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
