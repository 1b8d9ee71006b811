import { useSignal } from "@preact/signals";
import { Icon } from "../shell/icons";
import { texts } from "../texts";
import { TakeDialog } from "./TakeDialog";

/** Opens the window to take hits along. */
export function TakeButton({ main = false }: { main?: boolean }) {
  const taking = useSignal(false);
  return (
    <>
      <button type="button" class={`toggle ${main ? "main" : ""}`} onClick={() => (taking.value = true)}>
        <Icon name="download" />
        {texts.take.title}
      </button>
      {taking.value && <TakeDialog onClose={() => (taking.value = false)} />}
    </>
  );
}
