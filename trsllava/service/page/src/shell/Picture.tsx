import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { apiKey, request } from "../api";
import { texts } from "../texts";
import { loading, loadingEnds } from "./loading";

const RESTING = 60;
/** Pictures that were shown a moment ago are in the cache, and need not wait. */
const shownBefore = new Set<string>();

let scrolled = -Infinity;
addEventListener("scroll", () => (scrolled = performance.now()), { passive: true });
const scrolls = () => performance.now() - scrolled < RESTING;

/** A picture of the archive. While the page scrolls, it is asked for when it has been there a moment, so that fast
 * scrolling asks for nothing; with an API key, which an `img` cannot send, it is fetched. */
export function Picture({ address, alt, kind = "" }: { address: string; alt: string; kind?: string }) {
  const [source, setSource] = useState(!apiKey() && (shownBefore.has(address) || !scrolls()) ? address : "");
  const [state, setState] = useState<"" | "there" | "missing">("");
  useLayoutEffect(() => {
    if (state) return;
    loading();
    return loadingEnds;
  }, [address, state]);
  useEffect(() => {
    if (source === address) return;
    setState("");
    const aborting = new AbortController();
    let made = "";
    const ask = async () => {
      if (!apiKey()) {
        setSource(address);
        return;
      }
      try {
        const response = await request(address, { signal: aborting.signal });
        made = URL.createObjectURL(await response.blob());
        if (!aborting.signal.aborted) setSource(made);
      } catch {
        if (!aborting.signal.aborted) setState("missing");
      }
    };
    const timer = setTimeout(ask, scrolls() ? RESTING : 0);
    return () => {
      clearTimeout(timer);
      aborting.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [address]);
  return (
    <span class={`picture ${kind} ${state}`}>
      {source && (
        <img
          src={source}
          alt={alt}
          decoding="async"
          draggable={false}
          onLoad={() => {
            shownBefore.add(address);
            setState("there");
          }}
          onError={() => setState("missing")}
        />
      )}
      {state === "missing" && <span class="picture-missing">{texts.search.noPicture}</span>}
    </span>
  );
}
