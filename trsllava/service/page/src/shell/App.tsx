import { useSignal } from "@preact/signals";
import { keyWanted } from "../api";
import { Detail } from "../detail/Detail";
import { JobsView } from "../jobs/JobsView";
import { QuarantineView } from "../jobs/QuarantineView";
import { ReviewView } from "../jobs/ReviewView";
import { SearchView } from "../search/SearchView";
import { SearchBox } from "../search/SearchBox";
import { addressOf, ask, change, state, type View } from "../state";
import { SelectionBar } from "../take/SelectionBar";
import { texts } from "../texts";
import { ConnectionNotice, KeyForm } from "./Connection";
import { Help } from "./Help";
import { Icon } from "./icons";
import { useKeys } from "./keys";
import { switchTheme } from "./theme";

const VIEWS: View[] = ["search", "jobs", "quarantine", "review"];

/** The whole page. */
export function App() {
  const help = useSignal(false);
  const { view, open, pane } = state.value;
  useKeys({
    "/": () => document.querySelector<HTMLInputElement>("#search-box")?.focus(),
    "?": () => (help.value = true),
    t: switchTheme,
    m: () => change({ pane: pane === "map" ? "" : "map" }),
    q: () => change({ pane: pane === "dialogue" ? "" : "dialogue" }),
    ...Object.fromEntries(VIEWS.map((one, at) => [String(at + 1), () => goTo(one)])),
  });
  return (
    <>
      <a class="skip" href="#results">
        {texts.shell.skip}
      </a>
      <header class="top">
        <a class="brand" href="/" aria-label={texts.shell.name} onClick={goHome}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="7" />
            <path d="M7 9h8v6H7zM17 9h8v6h-8zM7 17h8v6H7z" />
            <circle cx="20.5" cy="19.5" r="3.6" />
            <line x1="23.2" y1="22.2" x2="26.2" y2="25.2" />
          </svg>
          <span>{texts.shell.name}</span>
        </a>
        <SearchBox />
        <nav aria-label={texts.shell.navigation}>
          {VIEWS.map((one) => (
            <a
              key={one}
              href={addressOf({ view: one, open: "" })}
              aria-current={one === view ? "page" : undefined}
              onClick={(event) => {
                event.preventDefault();
                goTo(one);
              }}
            >
              {texts.shell.views[one]}
            </a>
          ))}
          <button type="button" class="quiet icon-button" aria-label={texts.shell.theme} onClick={switchTheme}>
            <Icon name="theme" />
          </button>
          <button
            type="button"
            class="quiet icon-button"
            aria-label={texts.shell.help}
            onClick={() => (help.value = true)}
          >
            <Icon name="help" />
          </button>
        </nav>
      </header>
      <ConnectionNotice />
      {keyWanted.value ? <KeyForm /> : <CurrentView view={view} />}
      {view === "search" && <SelectionBar />}
      {open && <Detail id={open} />}
      {help.value && <Help onClose={() => (help.value = false)} />}
    </>
  );
}

function CurrentView({ view }: { view: View }) {
  switch (view) {
    case "search":
      return <SearchView />;
    case "jobs":
      return <JobsView />;
    case "quarantine":
      return <QuarantineView />;
    case "review":
      return <ReviewView />;
  }
}

function goTo(view: View): void {
  change({ view, open: "" });
  scrollTo(0, 0);
}

function goHome(event: MouseEvent): void {
  event.preventDefault();
  ask({});
  scrollTo(0, 0);
}
