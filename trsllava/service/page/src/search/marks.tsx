// Which words of a description are words of the question: told apart by their stems, as BM25 does it roughly.
const STOP = new Set(
  "a an and are at be by for from in into is it near next no not of off on or over some that the their there this to two under with without which".split(" "),
);

export type Stems = ReadonlySet<string>;

/** The stems of the telling words of a text. */
export function stemsOf(text: string): Stems {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(words.filter((word) => !STOP.has(word)).map(stem));
}

/** How many different words of the question a text holds. */
export function matches(text: string, stems: Stems): number {
  return [...stemsOf(text)].filter((one) => stems.has(one)).length;
}

/** A text in which the words of the question are marked. */
export function Marked({ text, stems }: { text: string; stems: Stems }) {
  if (!stems.size) return <>{text}</>;
  return (
    <>
      {text
        .split(/([\p{L}\p{N}]+)/u)
        .map((piece, at) => (at % 2 && stems.has(stem(piece.toLowerCase())) ? <mark key={at}>{piece}</mark> : piece))}
    </>
  );
}

function stem(word: string): string {
  if (word.length < 4) return word;
  return word
    .replace(/(ies)$/, "y")
    .replace(/(sses|shes|ches|xes)$/, (end) => end.slice(0, -2))
    .replace(/([^s])s$/, "$1")
    .replace(/(ing|ed)$/, "");
}
