import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { thumbnailOf } from "../api";
import { results } from "../results";
import { change, state } from "../state";
import { texts } from "../texts";
import { Icon } from "../shell/icons";
import { Picture } from "../shell/Picture";
import { pictureOf } from "./pictures";

/** The weight of words beside a picture where none is told; a little text is enough to decide among like pictures. */
const USUAL_WEIGHT = 0.1;

/** What the question is made of beside its text: a picture, things wanted and unwanted, and how much each counts. */
export function Chips() {
  const { text, wanted, unwanted, like, picture, weight, collection } = state.value;
  if (!text && !wanted.length && !unwanted.length && !like && !picture) return null;
  const words = Boolean(text || wanted.length || unwanted.length);
  const { place, time } = results.value.answer?.understood ?? {};
  const without = (list: string[], one: string) => list.filter((other) => other !== one);
  return (
    <div class="chips">
      {like && (
        <Chip kind="pictured" text={texts.search.like} onRemove={() => change({ like: "", weight: null, least: null })}>
          <Picture address={thumbnailOf(like, collection || results.value.ranking?.collection || "", 96)} alt="" />
        </Chip>
      )}
      {picture && (
        <Chip
          kind="pictured"
          text={texts.search.likePicture}
          onRemove={() => change({ picture: "", weight: null, least: null })}
        >
          <KeptPicture digest={picture} />
        </Chip>
      )}
      {(like || picture) && words && (
        <label class="weight">
          <span>{texts.search.weightPicture}</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.02"
            aria-label={texts.search.weight}
            aria-valuetext={texts.search.weightOfWords(weight ?? USUAL_WEIGHT)}
            value={Math.sqrt(weight ?? USUAL_WEIGHT)}
            onChange={(event) => change({ weight: weightAt(Number(event.currentTarget.value)), least: null })}
          />
          <span>{texts.search.weightWords}</span>
        </label>
      )}
      {place && (
        <Chip kind="taken" text={place.told} onRemove={() => change({ places: false, least: null })}>
          <Icon name="map" />
        </Chip>
      )}
      {time && <Chip kind="taken" text={time.told} onRemove={() => change({ times: false, least: null })} />}
      {wanted.map((one) => (
        <Chip key={one} kind="wanted" text={one} onRemove={() => change({ wanted: without(wanted, one), least: null })}>
          <Icon name="more" />
        </Chip>
      ))}
      {unwanted.map((one) => (
        <Chip
          key={one}
          kind="unwanted"
          text={one}
          onRemove={() => change({ unwanted: without(unwanted, one), least: null })}
        >
          <Icon name="less" />
        </Chip>
      ))}
      <Adder
        label={texts.search.addWanted}
        word={texts.search.wanted}
        icon="more"
        onAdd={(one) => change({ wanted: [...without(wanted, one), one], least: null })}
      />
      <Adder
        label={texts.search.addUnwanted}
        word={texts.search.unwanted}
        icon="less"
        onAdd={(one) => change({ unwanted: [...without(unwanted, one), one], least: null })}
      />
    </div>
  );
}

/** The slider has most room where small steps matter: at the little text that decides among like pictures. */
const weightAt = (position: number) => Number((position * position).toFixed(4));

function Chip(props: { kind: string; text: string; onRemove: () => void; children?: preact.ComponentChildren }) {
  return (
    <span class={`chip ${props.kind}`}>
      {props.children}
      <span class="chip-text">{props.text}</span>
      <button type="button" aria-label={texts.search.remove(props.text)} onClick={props.onRemove}>
        <Icon name="close" />
      </button>
    </span>
  );
}

function Adder(props: { label: string; word: string; icon: "more" | "less"; onAdd: (one: string) => void }) {
  const typed = useSignal("");
  const open = useSignal(false);
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), [open.value]); // before the next key
  const add = () => {
    const said = typed.value.trim();
    typed.value = "";
    open.value = false;
    if (said) props.onAdd(said);
  };
  if (!open.value) {
    return (
      <button type="button" class="chip adder" aria-label={props.label} onClick={() => (open.value = true)}>
        <Icon name={props.icon} />
        {props.word}
      </button>
    );
  }
  return (
    <form
      class="chip adder"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Icon name={props.icon} />
      <input
        ref={input}
        aria-label={props.label}
        placeholder={texts.search.chipHint}
        maxLength={200}
        value={typed.value}
        onInput={(event) => (typed.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          typed.value = "";
          open.value = false;
        }}
        onBlur={add}
      />
    </form>
  );
}

function KeptPicture({ digest }: { digest: string }) {
  const [address, setAddress] = useState("");
  useEffect(() => {
    let made = "";
    let wanted = true;
    void pictureOf(digest).then((content) => {
      if (!content || !wanted) return;
      made = URL.createObjectURL(content);
      setAddress(made);
    });
    return () => {
      wanted = false;
      if (made) URL.revokeObjectURL(made);
    };
  }, [digest]);
  return <span class="picture there">{address && <img src={address} alt="" />}</span>;
}
