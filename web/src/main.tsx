import { render } from "preact";
import { App } from "./app.tsx";
import "../theme.css";
import "./explorer.css";

render(<App />, document.getElementById("app")!);
