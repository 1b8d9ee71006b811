import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as api from "../api";
import { change, state } from "../state";
import { count, texts } from "../texts";
import { Icon } from "../shell/icons";
import { searchByFile } from "./dropping";
import { remember } from "./lately";

const PAUSE = 120;

/** The box in which one says what to look for, with what that may become. */
export function SearchBox() {
  const typed = useSignal(state.peek().text);
  const found = useSignal<api.Suggestions>({ completions: [], repaired: null });
  const shown = useSignal(false);
  const chosen = useSignal(-1);
  const asking = useRef<AbortController | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const asked = useComputed(() => state.value.text);
  const pictured = useComputed(() => Boolean(state.value.like || state.value.picture));
  useSignalEffect(() => {
    typed.value = asked.value; // and not when anything else changes: what one types would be gone
  });

  const options = [
    ...found.value.completions.map(({ text, tiles }) => ({ text, note: count(tiles) })),
    ...(found.value.repaired ? [{ text: found.value.repaired, note: texts.search.didYouMean(found.value.repaired) }] : []),
  ];

  const suggest = async (text: string) => {
    asking.current?.abort();
    asking.current = new AbortController();
    const { signal } = asking.current;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    if (signal.aborted) return;
    const none = { completions: [], repaired: null };
    const answer = text.trim() ? await api.suggest(text, state.peek().collection, signal).catch(() => none) : none;
    if (signal.aborted) return;
    found.value = { ...answer, completions: answer.completions.filter((one) => one.text !== text) };
    chosen.value = -1;
  };

  const submit = (text: string) => {
    asking.current?.abort();
    shown.value = false;
    remember(text);
    change({ view: "search", text: text.trim(), places: true, times: true, open: "", least: null });
    scrollTo(0, 0);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const last = options.length - 1;
    switch (event.key) {
      case "ArrowDown":
        shown.value = true;
        chosen.value = chosen.value >= last ? -1 : chosen.value + 1;
        break;
      case "ArrowUp":
        chosen.value = chosen.value < 0 ? last : chosen.value - 1;
        break;
      case "Escape":
        if (shown.value && options.length) shown.value = false;
        else (event.currentTarget as HTMLElement).blur();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const open = shown.value && options.length > 0;
  return (
    <form
      class="search-form"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        submit(options[chosen.value]?.text ?? typed.value);
      }}
    >
      <div class="search-field">
        <Icon name="search" />
        <input
          id="search-box"
          type="text"
          enterkeyhint="search"
          autocomplete="off"
          spellcheck={false}
          maxLength={2000}
          role="combobox"
          aria-label={texts.search.box}
          aria-expanded={open}
          aria-controls="suggestions"
          aria-autocomplete="list"
          aria-activedescendant={open && chosen.value >= 0 ? `suggestion-${chosen.value}` : undefined}
          placeholder={pictured.value ? texts.search.placeholderPictured : texts.search.placeholder}
          value={typed.value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
            shown.value = true;
            void suggest(typed.value);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => (shown.value = false)}
        />
        {typed.value && (
          <button
            type="button"
            class="quiet icon-button"
            aria-label={texts.search.clear}
            onClick={() => {
              typed.value = "";
              found.value = { completions: [], repaired: null };
              change({ text: "", least: null });
              document.getElementById("search-box")?.focus();
            }}
          >
            <Icon name="close" />
          </button>
        )}
        <button
          type="button"
          class="quiet icon-button"
          aria-label={texts.search.byPicture}
          title={texts.search.byPicture}
          onClick={() => file.current?.click()}
        >
          <Icon name="picture" />
        </button>
        <input
          ref={file}
          type="file"
          hidden
          accept="image/*,.tif,.tiff"
          onChange={(event) => {
            const chosenFile = event.currentTarget.files?.[0];
            if (chosenFile) void searchByFile(chosenFile);
            event.currentTarget.value = "";
          }}
        />
      </div>
      <ul id="suggestions" class="suggestions" role="listbox" aria-label={texts.search.suggestions} hidden={!open}>
        {options.map(({ text, note }, at) => (
          <li
            key={text}
            id={`suggestion-${at}`}
            role="option"
            aria-selected={at === chosen.value}
            onMouseDown={(event) => {
              event.preventDefault();
              submit(text);
            }}
          >
            <span>{text}</span>
            <small>{note}</small>
          </li>
        ))}
      </ul>
    </form>
  );
}
