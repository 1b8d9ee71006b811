// The page's icons: lines of 24 by 24, in the colour of the text around them.
const PATHS = {
  search: "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13Zm5-1.5L20 20",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  close: "M6 6l12 12M18 6 6 18",
  more: "M12 5v14M5 12h14",
  less: "M5 12h14",
  check: "m5 12.5 4.5 4.5L19 7.5",
  left: "m14.5 5-7 7 7 7",
  right: "m9.5 5 7 7-7 7",
  map: "m9 4-5 2v14l5-2 6 2 5-2V4l-5 2-6-2Zm0 0v14m6-12v14",
  theme: "M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8Z",
  help: "M9.5 9.2a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2 1-1.2 1.9M12 17h.01M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18Z",
  filter: "M4 6h16M7 12h10M10 18h4",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1-1",
  quote: "M9 7H5v5h4zm0 5c0 3-1.5 4-3 4.500M19 7h-4v5h4zm0 5c0 3-1.5 4-3 4.5",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5m11-5v5h-5",
  like: "M12 20s-7.5-4.6-7.5-10A4.2 4.2 0 0 1 12 7.4 4.2 4.2 0 0 1 19.5 10c0 5.4-7.5 10-7.5 10Z",
  talk: "M4 5h16v11H9l-5 4z",
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
