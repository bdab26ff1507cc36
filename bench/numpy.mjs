import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A BLAS slower than this (float32, one thread) is no reference. */
const LEAST_GFLOPS = 40;
const TRIES = 5;

/**
 * numpy in a process of its own with so many BLAS threads, and the yardstick: GFLOP/s of a float32 product of 2048^3
 * on one thread. Undefined (said aloud) where python3 or numpy is missing or its BLAS is too slow to compare with.
 */
export async function openNumpy(threads = 1) {
  if (spawnSync("python3", ["-c", "import numpy"]).status !== 0) {
    console.error("No python3 with numpy here: times without a ratio.");
    return undefined;
  }
  const yardstick = await measureYardstick();
  console.error(
    `yardstick: numpy ${yardstick.numpy}, float32 2048^3, one thread: ${yardstick.gflops.toFixed(1)} GFLOP/s`,
  );
  if (yardstick.gflops >= LEAST_GFLOPS) return { ...open(threads), yardstick };
  console.error(
    `Under ${LEAST_GFLOPS} GFLOP/s in the best of ${TRIES} tries, numpy is no reference: its BLAS is a slow one ` +
      '(python3 -c "import numpy; numpy.show_config()" names it), or other work takes this machine; then try again.',
  );
  return undefined;
}

/** The best of some tries, until one is good enough. */
async function measureYardstick() {
  const numpy = open(1);
  let best = { gflops: 0 };
  for (let tries = 0; tries < TRIES && best.gflops < LEAST_GFLOPS; tries++) {
    const { numpy: version, cpu } = await numpy.ask({ name: "yardstick" });
    const gflops = (2 * 2048 ** 3) / cpu / 1e9;
    if (gflops > best.gflops) best = { numpy: version, gflops };
  }
  numpy.close();
  return best;
}

/** A process that answers the commands of reference.py. */
function open(threads) {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: String(threads), MKL_NUM_THREADS: String(threads) };
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  const script = fileURLToPath(new URL("reference.py", import.meta.url));
  const child = spawn("python3", [script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`numpy ended at ${command.name}.`);
      return JSON.parse(value);
    },
    close: () => child.stdin.end(),
  };
}
