// Which parts of a large picture are in sight, and at what resolution they are worth loading.
export interface Look {
  /** Screen pixels a pixel of the picture. */
  scale: number;
  /** Where the picture's corner lies in the frame. */
  x: number;
  y: number;
}

export interface Part {
  col: number;
  row: number;
  wide: number;
  high: number;
  /** The longest side in pixels to ask for. */
  pixels: number;
}

interface Size {
  width: number;
  height: number;
}

const SIDE = 512;

/** The parts in sight; none where a picture of `base` pixels a side, which lies underneath, is sharp enough. */
export function partsOf(look: Look, frame: Size, picture: Size, base: number): Part[] {
  const resolution = base / Math.max(picture.width, picture.height);
  if (resolution >= 1 || look.scale <= resolution) return [];
  // A part is SIDE pixels of a level, each of which has half the resolution of the one before.
  const level = Math.max(0, Math.floor(Math.log2(1 / look.scale)));
  const side = SIDE * 2 ** level;
  const first = (start: number) => Math.max(0, Math.floor(-start / look.scale / side));
  const last = (start: number, length: number, whole: number) =>
    Math.min(Math.ceil(whole / side), Math.ceil((length - start) / look.scale / side));
  const parts: Part[] = [];
  for (let across = first(look.x); across < last(look.x, frame.width, picture.width); across++) {
    for (let down = first(look.y); down < last(look.y, frame.height, picture.height); down++) {
      const [col, row] = [across * side, down * side];
      const wide = Math.min(side, picture.width - col);
      const high = Math.min(side, picture.height - row);
      parts.push({ col, row, wide, high, pixels: Math.max(16, Math.round(Math.max(wide, high) / 2 ** level)) });
    }
  }
  return parts;
}
