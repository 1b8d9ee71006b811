/** What the map is drawn in. A canvas knows no custom properties of CSS, so the theme is told here once more. */

export interface Colours {
  /** Beyond the poles. */
  beyond: string;
  water: string;
  land: string;
  grid: string;
  label: string;
  area: string;
  shade: string;
  ring: string;
  /** Of scores, from the lowest to the highest. */
  ramp: readonly (readonly [number, number, number])[];
}

const LIGHT: Colours = {
  beyond: "#f4f6f5",
  water: "#e3ebf0",
  land: "#f7f5ee",
  grid: "rgb(20 40 60 / 10%)",
  label: "#52606d",
  area: "#0a6b66",
  shade: "rgb(30 40 50 / 10%)",
  ring: "#10151a",
  ramp: [[140, 154, 176], [64, 128, 176], [20, 132, 130], [217, 119, 6], [196, 43, 28]],
};

const DARK: Colours = {
  beyond: "#0e1413",
  water: "#152228",
  land: "#2a3431",
  grid: "rgb(220 235 250 / 9%)",
  label: "#9aa7b3",
  area: "#56c8bd",
  shade: "rgb(0 0 0 / 40%)",
  ring: "#ffffff",
  ramp: [[98, 112, 136], [72, 140, 190], [46, 170, 160], [240, 170, 60], [255, 110, 84]],
};

export function coloursOf(dark: boolean): Colours {
  return dark ? DARK : LIGHT;
}

/** The colour of a share of the scores' range, 0 to 1. */
export function onRamp(colours: Colours, share: number): string {
  const place = Math.max(0, Math.min(1, share)) * (colours.ramp.length - 1);
  const from = colours.ramp[Math.floor(place)]!;
  const to = colours.ramp[Math.ceil(place)]!;
  const part = place - Math.floor(place);
  const [red, green, blue] = from.map((value, channel) => Math.round(value + (to[channel]! - value) * part));
  return `rgb(${red} ${green} ${blue})`;
}
