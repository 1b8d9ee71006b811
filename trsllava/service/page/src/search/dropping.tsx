import { effect, signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { askAgain } from "../results";
import { change, question } from "../state";
import { texts } from "../texts";
import { keepPicture } from "./pictures";

const READABLE = /^image\/(?!svg)|\.tiff?$/i;
/** What is wrong with the file that was dropped last. */
export const dropFault = signal("");
effect(() => {
  if (question.value !== undefined) dropFault.value = "";
});

/** Look for the like of a picture in a file. */
export async function searchByFile(file: File): Promise<void> {
  if (!READABLE.test(file.type) && !READABLE.test(file.name)) {
    dropFault.value = texts.search.notPicture;
    return;
  }
  dropFault.value = "";
  const picture = await keepPicture(file);
  change({ view: "search", picture, like: "", open: "", least: null });
  askAgain(); // the address may have named this picture before this browser had it
  scrollTo(0, 0);
}

/** Takes pictures that are dropped anywhere on the page, or pasted. */
export function DropTarget() {
  const over = useSignal(false);
  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      over.value = true;
    };
    const onLeave = (event: DragEvent) => {
      if (!event.relatedTarget) over.value = false;
    };
    const onDrop = (event: DragEvent) => {
      over.value = false;
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      void searchByFile(file);
    };
    const onPaste = (event: ClipboardEvent) => {
      const file = event.clipboardData?.files[0];
      if (!file) return;
      event.preventDefault();
      void searchByFile(file);
    };
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    addEventListener("paste", onPaste);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
      removeEventListener("paste", onPaste);
    };
  }, []);
  return over.value ? (
    <div class="drop-target" aria-hidden="true">
      {texts.search.dropHere}
    </div>
  ) : null;
}
