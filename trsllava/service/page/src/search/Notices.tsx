import { results } from "../results";
import { texts } from "../texts";

/** What there is to know about the answer: how the question was understood, doubts, what was not searched. */
export function Notices() {
  const { answer } = results.value;
  if (!answer?.notices.length) return null;
  return (
    <ul class="notices" aria-label={texts.search.notices}>
      {answer.notices.map((notice) => (
        <li key={notice}>{notice}</li>
      ))}
    </ul>
  );
}
