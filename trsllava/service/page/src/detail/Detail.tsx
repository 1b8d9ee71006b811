import { change } from "../state";
import { texts } from "../texts";
import { Dialog } from "../shell/Dialog";

/** All that is known of an item. */
export function Detail({ id }: { id: string }) {
  return (
    <Dialog title={texts.detail.title} kind="wide" onClose={() => change({ open: "" })}>
      {id}
    </Dialog>
  );
}
