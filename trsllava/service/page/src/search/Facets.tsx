import { signal, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import * as api from "../api";
import { hitsShown } from "../results";
import { change, filtersOf, hasFilters, NO_FILTERS, state } from "../state";
import { count, day, texts } from "../texts";
import { Icon } from "../shell/icons";
import { ChosenProperties, Properties } from "./Properties";

const FEW = 12;
const BARS = 8;
const LABELS = 400;

/** Where there is no room for the filters beside the hits: they are open. */
export const filtersOpen = signal(false);

/** Opens the filters where there is no room for them. */
export function FiltersButton() {
  return (
    <button
      type="button"
      class="filters-button toggle"
      aria-expanded={filtersOpen.value}
      onClick={() => (filtersOpen.value = !filtersOpen.value)}
    >
      <Icon name="filter" />
      {texts.search.filters}
    </button>
  );
}

/** The filters, each with the number of images that pass it. */
export function Facets() {
  const facets = useSignal<api.Facets | null>(null);
  const served = useSignal<api.Collections | null>(null);
  const asked = useComputed(() => JSON.stringify(filtersOf(state.value)));
  const returns = useComputed(() => api.connection.value.again);
  useSignalEffect(() => {
    const { bbox, ...filters } = JSON.parse(asked.value) as api.SearchBody;
    void returns.value; // what broke off is asked anew when the server is back
    const aborting = new AbortController();
    const query = { ...filters, ...(bbox && { bbox: bbox.join(",") }), limit: LABELS } as api.Query;
    const load = async () => {
      await hitsShown();
      if (aborting.signal.aborted) return;
      api.facets(query, aborting.signal).then(
        (found) => (facets.value = found),
        () => {},
      );
      api.collections(aborting.signal).then(
        (told) => (served.value = told),
        () => {},
      );
    };
    void load();
    return () => aborting.abort();
  });
  const found = facets.value;
  const name = state.value.collection || served.value?.default;
  const models = served.value?.collections.find((one) => one.id === name)?.captioned_by ?? {};
  return (
    <aside class={`facets ${filtersOpen.value ? "open" : ""}`} aria-label={texts.search.filters}>
      <header>
        <h2>{texts.search.filters}</h2>
        {hasFilters.value && (
          <button
            type="button"
            class="link"
            onClick={() => change(NO_FILTERS)}
          >
            {texts.search.clearFilters}
          </button>
        )}
      </header>
      {served.value && served.value.collections.length > 1 && (
        <label class="field">
          <span>{texts.shell.collection}</span>
          <select value={name} onChange={(event) => change({ ...NO_FILTERS, collection: event.currentTarget.value })}>
            {served.value.collections.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </label>
      )}
      {found && hasFilters.value && <p class="pass">{texts.search.pass(found.tiles)}</p>}
      <Chosen />
      {found && <Times times={found.times} />}
      {found && <Labels labels={found.labels} />}
      {found && <Sources sources={found.sources} />}
      {found && <Properties properties={found.properties} />}
      {found && !found.properties.captioned_by && !hasFilters.value && Object.keys(models).length > 0 && (
        <section>
          <h3>{texts.search.models}</h3>
          <ul class="facet-list">
            {Object.entries(models).map(([model, tiles]) => (
              <li key={model}>
                <span class="facet-name">{model || texts.detail.imported}</span>
                <small>{count(tiles)}</small>
              </li>
            ))}
          </ul>
        </section>
      )}
      <label class="check">
        <input
          type="checkbox"
          checked={state.value.allTiles}
          onChange={(event) => change({ allTiles: event.currentTarget.checked })}
        />
        {texts.search.allTiles}
      </label>
      <button type="button" class="main facets-close" onClick={() => (filtersOpen.value = false)}>
        {texts.search.showHits}
      </button>
    </aside>
  );
}

/** Filters that no list below shows: the box or the area that was drawn on the map (of an area, the box around it is a
 * part), and properties. */
function Chosen() {
  const { box, area, properties } = state.value;
  if (!box && !area.length && !properties.length) return null;
  return (
    <p class="place-filters">
      {(box || area.length > 0) && (
        <button type="button" class="chip" onClick={() => change({ area: [], box: null })}>
          {area.length ? texts.search.areaFilter : texts.search.boxFilter}
          <Icon name="close" />
        </button>
      )}
      <ChosenProperties />
    </p>
  );
}

function Labels({ labels }: { labels: Record<string, number> }) {
  const wanted = useSignal("");
  const all = useSignal(false);
  const { labels: must, withoutLabels: mustNot } = state.value;
  const chosen = [...must, ...mustNot];
  const rest = Object.keys(labels).filter((one) => !chosen.includes(one) && one.includes(wanted.value.toLowerCase()));
  const listed = [...chosen, ...(all.value || wanted.value ? rest : rest.slice(0, FEW))];
  const most = Math.max(...Object.values(labels), 1);
  const toggle = (list: string[], one: string) =>
    list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
  if (!Object.keys(labels).length && !chosen.length) return null;
  return (
    <section>
      <h3>{texts.search.labels}</h3>
      <input
        type="search"
        class="small"
        aria-label={texts.search.findLabel}
        placeholder={texts.search.findLabel}
        value={wanted.value}
        onInput={(event) => (wanted.value = event.currentTarget.value)}
      />
      <ul class="facet-list">
        {listed.map((label) => (
          <li key={label} class={must.includes(label) ? "on" : mustNot.includes(label) ? "out" : ""}>
            <button
              type="button"
              class="facet-name"
              aria-pressed={must.includes(label)}
              title={texts.search.labelMust(label)}
              onClick={() =>
                change({ labels: toggle(must, label), withoutLabels: mustNot.filter((one) => one !== label) })
              }
            >
              <i style={{ width: `${(100 * (labels[label] ?? 0)) / most}%` }} />
              <span>{label}</span>
            </button>
            <button
              type="button"
              class="facet-not"
              aria-pressed={mustNot.includes(label)}
              aria-label={texts.search.labelMustNot(label)}
              title={texts.search.labelMustNot(label)}
              onClick={() =>
                change({ withoutLabels: toggle(mustNot, label), labels: must.filter((one) => one !== label) })
              }
            >
              <Icon name="less" />
            </button>
            <small>{count(labels[label] ?? 0)}</small>
          </li>
        ))}
      </ul>
      {!all.value && !wanted.value && rest.length > FEW && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {texts.search.more(rest.length - FEW)}
        </button>
      )}
    </section>
  );
}

function Sources({ sources }: { sources: Record<string, number> }) {
  const { source } = state.value;
  const names = [...new Set([...source, ...Object.keys(sources)])];
  const base = common(names);
  if (!names.length) return null;
  return (
    <section>
      <h3>{texts.search.sources}</h3>
      <ul class="facet-list">
        {names.map((name) => (
          <li key={name} class={source.includes(name) ? "on" : ""}>
            <button
              type="button"
              class="facet-name"
              aria-pressed={source.includes(name)}
              title={name}
              onClick={() =>
                change({ source: source.includes(name) ? source.filter((one) => one !== name) : [...source, name] })
              }
            >
              <span>{name === base ? lastOf(name) : name.slice(base.length).replace(/^\//, "")}</span>
            </button>
            <small>{count(sources[name] ?? 0)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The folder that all of some folders lie in, itself among them or not. */
function common(names: string[]): string {
  const [first = "", ...others] = names.map((name) => name.split("/"));
  if (!first) return "";
  let shared = 0;
  while (shared < first.length && others.every((other) => other[shared] === first[shared])) shared++;
  return first.slice(0, shared).join("/");
}

const lastOf = (path: string) => path.split("/").filter(Boolean).pop() ?? path;

/** Counts by time as at most eight bars side by side, so that each is large enough to be hit. */
function barsOf(times: api.Facets["times"]): (api.Facets["times"][number] & { left: number; wide: number })[] {
  const begin = Date.parse(times[0]?.start ?? "");
  const span = Date.parse(times[times.length - 1]?.end ?? "") - begin;
  const places = Math.min(times.length, BARS);
  const bars = new Map<number, (typeof times)[number]>();
  times.forEach((one, at) => {
    const place = times.length <= BARS ? at : Math.floor((BARS * (Date.parse(one.start) - begin)) / span);
    const before = bars.get(place);
    bars.set(place, before ? { start: before.start, end: one.end, tiles: before.tiles + one.tiles } : one);
  });
  return [...bars].map(([place, one]) => ({ ...one, left: place / places, wide: 1 / places }));
}

function Times({ times }: { times: api.Facets["times"] }) {
  const { time } = state.value;
  const [from = "", to = ""] = time.split("/").map((end) => (end === ".." ? "" : end.slice(0, 10)));
  if (!times.length && !time) return null;
  const bars = barsOf(times);
  const most = Math.max(...bars.map((one) => one.tiles), 1);
  const set = (start: string, end: string) => change({ time: start || end ? `${start || ".."}/${end || ".."}` : "" });
  return (
    <section>
      <h3>{texts.search.times}</h3>
      <div class="times">
        {bars.map((one) => (
          <button
            type="button"
            key={one.start}
            aria-label={texts.search.timeBar(day(one.start), one.tiles)}
            title={texts.search.timeBar(day(one.start), one.tiles)}
            style={{ left: `${100 * one.left}%`, width: `${100 * one.wide}%` }}
            onClick={() => set(one.start.slice(0, 10), one.end.slice(0, 10))}
          >
            <i style={{ height: `${100 * Math.sqrt(one.tiles / most)}%` }} />
          </button>
        ))}
      </div>
      <div class="dates">
        <input
          type="date"
          aria-label={texts.search.timeFrom}
          value={from}
          onChange={(event) => set(event.currentTarget.value, to)}
        />
        <span aria-hidden="true">–</span>
        <input
          type="date"
          aria-label={texts.search.timeTo}
          value={to}
          onChange={(event) => set(from, event.currentTarget.value)}
        />
      </div>
      {time && (
        <button type="button" class="link" onClick={() => change({ time: "" })}>
          {texts.search.allTimes}
        </button>
      )}
    </section>
  );
}
