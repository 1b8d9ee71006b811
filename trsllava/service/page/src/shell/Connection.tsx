import { useSignal, useSignalEffect } from "@preact/signals";
import { connection, keyWanted, useKey } from "../api";
import { texts } from "../texts";

const TOLD = 3000;

/** Says that the server is away, and that it has come back. */
export function ConnectionNotice() {
  const justBack = useSignal(false);
  const seen = useSignal(connection.value.again);
  useSignalEffect(() => {
    if (connection.value.again === seen.peek()) return;
    seen.value = connection.value.again;
    justBack.value = true;
    const timer = setTimeout(() => (justBack.value = false), TOLD);
    return () => clearTimeout(timer);
  });
  const { lost } = connection.value;
  return (
    <div class={`connection ${lost ? "lost" : justBack.value ? "back" : ""}`} role="status">
      {lost ? texts.shell.lost : justBack.value ? texts.shell.back : ""}
    </div>
  );
}

/** Asks for an API key. */
export function KeyForm() {
  const key = useSignal("");
  if (!keyWanted.value) return null;
  return (
    <form
      class="key-form panel"
      onSubmit={(event) => {
        event.preventDefault();
        useKey(key.value.trim());
      }}
    >
      <h2>{texts.shell.keyTitle}</h2>
      <p>{texts.shell.keyWhy}</p>
      <label>
        {texts.shell.key}
        <input
          type="password"
          autocomplete="off"
          required
          value={key.value}
          onInput={(event) => (key.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="main">
        {texts.shell.useKey}
      </button>
    </form>
  );
}
