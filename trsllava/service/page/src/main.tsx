import { render } from "preact";
import { watchConnection } from "./api";
import { App } from "./shell/App";
import { applyTheme } from "./shell/theme";

applyTheme();
history.scrollRestoration = "manual";
render(<App />, document.getElementById("page") as HTMLElement);
void watchConnection();
