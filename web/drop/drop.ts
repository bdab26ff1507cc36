import cleanerUrl from "./cleaner.ts?worker&url";
import type { Problem, Reply, Request, Result } from "./messages.ts";

const STAGES: Readonly<Record<string, string>> = {
  read: "Reading the log",
  svd: "Fitting the model",
  moments: "Adding up every item's matches",
  far: "Adding up every item's matches",
  columns: "Adding up every item's matches",
  rows: "Matching every user's row",
  write: "Writing the cleaned file",
};

const form = document.querySelector("form")!;
const drop = element("drop");
const input = element<HTMLInputElement>("file");
const sections = ["running", "failed", "done"] as const;
let worker: Worker | undefined;
/** The last one given, to be tried again with other columns. */
let last: File | undefined;
const links: string[] = [];

element("dead").remove();
element("engine").textContent = crossOriginIsolated
  ? `This page may use up to ${navigator.hardwareConcurrency} threads.`
  : "This page uses one thread: its server doesn't isolate it, which large files would gain from.";

input.addEventListener("change", () => {
  const [file] = input.files ?? [];
  input.value = ""; // so that the same file can be chosen again
  if (file) start(file);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (last) start(last);
});
element("cancel").addEventListener("click", () => {
  stop();
  show();
  input.focus();
});
for (const type of ["dragenter", "dragover"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const type of ["dragleave", "drop"]) addEventListener(type, () => drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer?.files ?? [];
  if (file) start(file);
});

function start(file: File): void {
  stop();
  last = file;
  const fields = new FormData(form);
  const field = (name: string) => String(fields.get(name) ?? "").trim();
  const minRating = field("minRating");
  if (minRating !== "" && !Number.isFinite(Number(minRating))) {
    fail({
      message: `"${minRating}" is no number, so no rating can be compared with it.`,
      hint: "Leave it empty to count every row.",
      aboutColumns: true,
    });
    return;
  }
  const columns = Object.fromEntries(
    ["user", "item", "rating"].map((role) => [role, field(role)]).filter(([, column]) => column !== ""),
  );
  const request: Request = {
    file,
    columns,
    minRating: minRating === "" ? undefined : Number(minRating),
    name: cleanName(file.name, field("format")),
  };
  // A worker from a blob is bound by this page's policy: it can't connect to anything either.
  const script = new Blob([`import ${JSON.stringify(new URL(cleanerUrl, location.href).href)};`], {
    type: "text/javascript",
  });
  const address = URL.createObjectURL(script);
  worker = new Worker(address, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    if (data === "ready") {
      URL.revokeObjectURL(address);
      worker?.postMessage(request);
    } else if ("progress" in data) {
      const { stage, done, total } = data.progress;
      element("stage").textContent = STAGES[stage] ?? stage;
      element<HTMLProgressElement>("bar").value = total > 0 ? done / total : 0;
    } else if ("error" in data) fail(data.error);
    else succeed(request.name, data.result);
  };
  worker.onerror = (event) =>
    fail({ message: `The cleaning could not go on: ${event.message || "its script did not load"}.` });
  element("running-title").textContent = `Cleaning ${file.name}`;
  element("stage").textContent = "";
  element<HTMLProgressElement>("bar").value = 0;
  show("running");
}

/** Ends the worker, and with it all memory that it took, and forgets the last result. */
function stop(): void {
  worker?.terminate();
  worker = undefined;
  for (const link of links.splice(0)) URL.revokeObjectURL(link);
}

/** clicks.csv.gz becomes clicks.clean.csv; what has no known extension becomes CSV. */
function cleanName(name: string, format: string): string {
  const [, stem, extension] = /^(.*?)(?:\.(csv|tsv|ndjson|jsonl|parquet)(?:\.gz)?)?$/i.exec(name)!;
  return `${stem || "log"}.clean.${format || extension?.toLowerCase() || "csv"}`;
}

function fail({ message, hint = "", aboutColumns = false }: Problem): void {
  stop();
  element("retry").hidden = !aboutColumns;
  if (aboutColumns) element<HTMLDetailsElement>("columns").open = true;
  element("message").textContent = message;
  element("hint").textContent = hint;
  show("failed");
}

function succeed(name: string, { report, flagged, clean, evidence, examples }: Result): void {
  stop();
  const share = ((100 * flagged) / report.interactions).toFixed(1);
  element("verdict").textContent =
    `${count(flagged)} of ${count(report.interactions)} interactions (${share}%) lie below their user's threshold`;
  offer("clean", name, clean);
  offer("flagged", name.replace(/\.clean\.\w+$/, ".flagged.csv"), evidence);
  const figures: [string, number | string][] = [
    ["Rows", report.rows],
    ["Users", report.users],
    ["Items", report.items],
    ["Interactions", report.interactions],
    ["Repeated rows", report.duplicates],
    ...report.dropped.map(({ reason, rows }): [string, number] => [`Rows ${reason}`, rows]),
    ...(report.ratings
      ? [["Ratings", `${report.ratings.lowest} to ${report.ratings.highest}`] as [string, string]]
      : []),
  ];
  element("report").replaceChildren(
    ...figures.map(([name, value]) => {
      const figure = document.createElement("div");
      figure.append(text("dt", name), text("dd", typeof value === "number" ? count(value) : value));
      return figure;
    }),
  );
  element("examples-title").textContent =
    examples.length === 0 ? "No interaction was flagged" : `The ${count(examples.length)} that match worst`;
  element("examples").replaceChildren(
    ...examples.map(({ user, item, evidence }) => {
      const entry = document.createElement("li");
      entry.append(
        text("strong", `user ${user}, item ${item}`),
        document.createElement("br"),
        text("span", evidence.reason),
      );
      return entry;
    }),
  );
  show("done");
  element("verdict").focus({ preventScroll: true });
}

function offer(id: string, name: string, file: Blob): void {
  const link = element<HTMLAnchorElement>(id);
  link.href = URL.createObjectURL(file);
  links.push(link.href);
  link.download = name;
}

function show(id?: (typeof sections)[number]): void {
  for (const section of sections) element(section).hidden = section !== id;
}

function text(tag: string, content: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = content;
  return made;
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function element<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}
