import { askAgain, candidates, results, shown } from "../results";
import { DialogueHits } from "../dialogue/DialogueHits";
import { DialoguePane } from "../dialogue/DialoguePane";
import { MapPane } from "../map/MapPane";
import { change, NO_FILTERS, type Pane, question, state } from "../state";
import { texts } from "../texts";
import { Icon } from "../shell/icons";
import { Chips } from "./Chips";
import { dropFault, DropTarget } from "./dropping";
import { Facets, FiltersButton } from "./Facets";
import { Grid } from "./Grid";
import { stemsOf } from "./marks";
import { Notices } from "./Notices";
import { Toolbar } from "./Toolbar";
import { Welcome } from "./Welcome";

/** Search: what is asked, the filters, the hits, and what stands beside them. */
export function SearchView() {
  const { pane, text } = state.value;
  const talking = pane === "dialogue" && text; // which is about words alone
  return (
    <div class={`search-view ${pane ? "with-pane" : ""}`}>
      <DropTarget />
      <Facets />
      <main id="results" tabIndex={-1}>
        {dropFault.value && (
          <p class="fault" role="alert">
            {dropFault.value}
          </p>
        )}
        <div class="asked">
          {!talking && <Chips />}
          <Panes />
        </div>
        {talking ? <DialogueHits /> : question.value ? <Answer /> : <Welcome />}
      </main>
      {pane === "map" && <MapPane />}
      {pane === "dialogue" && <DialoguePane />}
    </div>
  );
}

/** What may stand beside the hits. */
function Panes() {
  return (
    <>
      <FiltersButton />
      <PaneButton pane="dialogue" icon="talk" name={texts.search.dialogue} />
      <PaneButton pane="map" icon="map" name={texts.search.map} />
    </>
  );
}

function PaneButton({ pane, icon, name }: { pane: Pane; icon: "talk" | "map"; name: string }) {
  const open = state.value.pane === pane;
  return (
    <button type="button" class="toggle" aria-pressed={open} onClick={() => change({ pane: open ? "" : pane })}>
      <Icon name={icon} />
      {name}
    </button>
  );
}

function Answer() {
  const { phase, ranking, answer, problem } = results.value;
  const failed = phase === "failed" && problem?.status !== 0; // where the server is away, that is told elsewhere
  if (failed && !ranking) return <Failed />;
  if (!ranking) return <Waiting />;
  const { text, wanted } = state.value;
  const stems = stemsOf([answer?.understood.wanted || text, ...wanted].join(" "));
  return (
    <div class={phase === "searching" ? "stale" : ""} aria-busy={phase === "searching"}>
      {failed && (
        <p class="fault" role="alert">
          {texts.search.partly} {problem?.message}
        </p>
      )}
      <Notices />
      <Toolbar />
      {shown.value.length ? (
        <Grid hits={shown.value} stems={stems} collection={ranking.collection} />
      ) : (
        <Empty />
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div class="waiting" role="status" aria-busy="true" aria-label={texts.detail.loading}>
      {Array.from({ length: 12 }, (_, at) => (
        <div key={at} class="ghost" />
      ))}
    </div>
  );
}

function Empty() {
  const cut = candidates.value.length > 0;
  return (
    <section class="empty panel">
      <Icon name="search" />
      <h2>{texts.search.emptyTitle}</h2>
      <p>{cut ? texts.search.emptyCut : texts.search.emptyFiltered}</p>
      <button
        type="button"
        class="main"
        onClick={() =>
          change(
            cut
              ? { least: null }
              : NO_FILTERS,
          )
        }
      >
        {cut ? texts.search.showAll : texts.search.clearFilters}
      </button>
    </section>
  );
}

function Failed() {
  const { problem } = results.value;
  if (!problem) return null;
  const elsewhere = problem.kind === "picture-elsewhere";
  return (
    <section class="empty panel" role="alert">
      <h2>{texts.search.failed}</h2>
      <p>{elsewhere ? texts.search.pictureElsewhere : `${problem.message} ${problem.hint}`}</p>
      {elsewhere ? (
        <button type="button" class="main" onClick={() => change({ picture: "" })}>
          {texts.search.remove(texts.search.likePicture)}
        </button>
      ) : (
        <button type="button" class="main" onClick={askAgain}>
          {texts.search.retry}
        </button>
      )}
    </section>
  );
}

