// Facets by what is said of scenes (cloud cover, platform, …), and by who captioned them.
import { useSignal } from "@preact/signals";
import { change, state } from "../state";
import { count, texts } from "../texts";
import { Icon } from "../shell/icons";

const CAPTIONED_BY = "captioned_by";
const FEW = 8;
/** Properties that are shown without being asked for: those that most archives are looked through by. */
const FIRST = ["cloud_cover", "platform", "instruments", "gsd", "collection"];
const RANGE = /^(-?[\d.e+-]+)\.\.(-?[\d.e+-]+)$/;

type Counts = Record<string, number>;

/** Each property with its values, or ranges of numbers, and how many images have them. */
export function Properties({ properties }: { properties: Record<string, Counts> }) {
  const all = useSignal(false);
  const { [CAPTIONED_BY]: models, ...said } = properties;
  const names = Object.keys(said);
  const first = names.filter((name) => FIRST.includes(name) || isChosen(name));
  const rest = names.filter((name) => !first.includes(name));
  return (
    <>
      {[...first, ...(all.value ? rest : [])].map((name) => (
        <Property key={name} name={name} counts={said[name] ?? {}} />
      ))}
      {!all.value && rest.length > 0 && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {texts.search.moreProperties(rest.length)}
        </button>
      )}
      {models && <Property name={CAPTIONED_BY} counts={models} />}
    </>
  );
}

/** The conditions that are chosen, each to be taken away: where nothing passes, no facet shows them. */
export function ChosenProperties() {
  const names = [...new Set(state.value.properties.map(nameOf))];
  return (
    <>
      {names.map((name) => (
        <button type="button" class="chip" key={name} onClick={() => choose(name, [])}>
          {texts.search.property(name)}: {state.value.properties.filter((one) => nameOf(one) === name).map(conditionOf).join(", ")}
          <Icon name="close" />
        </button>
      ))}
    </>
  );
}

function Property({ name, counts }: { name: string; counts: Counts }) {
  const all = useSignal(false);
  const values = Object.keys(counts);
  const listed = all.value ? values : values.slice(0, FEW);
  const most = Math.max(...Object.values(counts), 1);
  return (
    <section>
      <h3>{texts.search.property(name)}</h3>
      <ul class="facet-list">
        {listed.map((value, at) => {
          const conditions = conditionsOf(name, value, at === values.length - 1);
          const on = RANGE.test(value) ? isChosen(name) : conditions.every((one) => state.value.properties.includes(one));
          return (
            <li key={value} class={on ? "on" : ""}>
              <button
                type="button"
                class="facet-name"
                aria-pressed={on}
                title={value}
                onClick={() => choose(name, on ? [] : conditions)}
              >
                <i style={{ width: `${(100 * (counts[value] ?? 0)) / most}%` }} />
                <span>{value.replace("..", " – ")}</span>
              </button>
              <small>{count(counts[value] ?? 0)}</small>
            </li>
          );
        })}
      </ul>
      {!all.value && values.length > FEW && (
        <button type="button" class="link" onClick={() => (all.value = true)}>
          {texts.search.more(values.length - FEW)}
        </button>
      )}
    </section>
  );
}

/** Put conditions in the place of all others on a property: a scene has one value of each. */
function choose(name: string, conditions: string[]): void {
  change({ properties: [...state.peek().properties.filter((one) => nameOf(one) !== name), ...conditions] });
}

/** A value is equal, a range holds its lower end, and its upper end where no range follows. */
function conditionsOf(name: string, value: string, last: boolean): string[] {
  const range = RANGE.exec(value);
  if (!range) return [`${name}=${value}`];
  return [`${name}>=${range[1]}`, `${name}${last ? "<=" : "<"}${range[2]}`];
}

const isChosen = (name: string) => state.value.properties.some((one) => nameOf(one) === name);
const nameOf = (condition: string) => /^[\w:.-]+/.exec(condition)?.[0] ?? condition;
/** The part behind the name; of what is equal, the value alone. */
const conditionOf = (condition: string) => condition.slice(nameOf(condition).length).replace(/^=/, "");
