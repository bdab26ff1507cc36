import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { ProRecError } from "../errors.ts";
import type { Keep } from "../evaluate/compare.ts";
import { writeFileAtomically } from "../io/atomic.ts";
import { printablePath } from "../io/printable.ts";
import { loadKernels } from "../kernels/load.ts";
import { throwIfAborted } from "../progress.ts";
import type { Cell, Found, Stored, Workbench } from "./cell.ts";

/**
 * Computes the cells that have no file yet, one after the other, each into its own file: a run that was stopped goes on
 * where it was. `onCell` is told of each that was computed.
 * @throws ProRecError INPUT_CHANGED for a file that was made with other seeds
 */
export async function runCells(
  cells: readonly Cell[],
  folder: string,
  bench: Workbench,
  onCell: (name: string, cpuSeconds: number) => void,
): Promise<void> {
  for (const { name } of cells) assertSameScope(folder, name, bench);
  for (const { name, compute } of cells) {
    throwIfAborted(bench.signal);
    const file = fileOf(folder, name);
    if (existsSync(file)) continue;
    const parts = `${join(folder, name)}.parts`;
    const clock = stopwatch();
    const value = await compute({ ...bench, keep: keptIn(parts, clock) });
    const seconds = clock.seconds();
    const { seeds, quick } = bench;
    const stored = { ...value, seeds, quick, machine: machine(bench), seconds };
    await mkdir(dirname(file), { recursive: true });
    await writeFileAtomically(file, `${JSON.stringify(stored, null, 1)}\n`);
    await rm(parts, { recursive: true, force: true });
    onCell(name, seconds.cpu);
  }
}

/** Keeps the parts of a cell in a folder, each with the time it took, which counts even where it was spent earlier. */
function keptIn(folder: string, clock: Stopwatch): Keep {
  return async <Result>(name: string, work: () => Promise<Result>) => {
    const file = join(folder, `${name}.part`);
    if (existsSync(file)) {
      const { result, seconds } = deserialize(await readFile(file)) as { result: Result; seconds: Seconds };
      clock.add(seconds);
      return result;
    }
    const own = stopwatch();
    const result = await work();
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(file, serialize({ result, seconds: own.seconds() }));
    return result;
  };
}

type Seconds = Stored<object>["seconds"];
type Stopwatch = ReturnType<typeof stopwatch>;

function stopwatch() {
  const started = performance.now();
  const before = process.cpuUsage();
  const earlier = { wall: 0, cpu: 0 };
  return {
    add({ wall, cpu }: Seconds) {
      earlier.wall += wall;
      earlier.cpu += cpu;
    },
    seconds(): Seconds {
      const { user, system } = process.cpuUsage(before);
      const wall = (performance.now() - started) / 1000;
      return { wall: earlier.wall + wall, cpu: earlier.cpu + (user + system) / 1e6 };
    },
  };
}

/** Reads cells from their files. */
export function foundIn(folder: string): Found {
  return <Value>(name: string) => {
    const file = fileOf(folder, name);
    if (!existsSync(file)) return undefined;
    try {
      return JSON.parse(readFileSync(file, "utf8")) as Stored<Value>;
    } catch (cause) {
      throw new ProRecError("CORRUPT_FILE", `${printablePath(file)} is no JSON.`, {
        details: { file },
        hint: "Remove it: it will be computed anew.",
        cause,
      });
    }
  };
}

function assertSameScope(folder: string, name: string, { seeds, quick }: Workbench): void {
  const stored = foundIn(folder)(name);
  if (stored?.seeds === undefined) return;
  if (String(stored.seeds) === String(seeds) && stored.quick === quick) return;
  const of = (scope: { seeds?: readonly number[]; quick?: boolean }) =>
    `seeds ${scope.seeds!.join(" ")}${scope.quick ? ", quick" : ""}`;
  throw new ProRecError(
    "INPUT_CHANGED",
    `${printablePath(fileOf(folder, name))} was computed with ${of(stored)}, not with ${of({ seeds, quick })}.`,
    { details: { file: fileOf(folder, name) }, hint: "Give another folder with --output or --cells." },
  );
}

function fileOf(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

function machine({ engine }: Workbench) {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    node: process.version,
    engine: loadKernels(engine).engine,
    load: loadavg()[0]!,
  };
}
