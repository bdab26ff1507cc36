import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

/** A BLAS slower than this (float32, one thread) is no reference. */
const LEAST_GFLOPS = 40;

const program = `
import sys, time
import numpy as np
def timed(a, b, out):
    start = time.process_time()
    np.matmul(a, b, out=out)
    return time.process_time() - start
def matrices(m, k, n):
    rng = np.random.default_rng(1)
    return rng.random((m, k), np.float32), rng.random((k, n), np.float32), np.empty((m, n), np.float32)
held = matrices(*map(int, sys.argv[1:]))
print(np.__version__, flush=True)
for line in sys.stdin:
    if line.strip() == "yardstick":
        square = matrices(2048, 2048, 2048)
        print(min(timed(*square) for _ in range(3)), flush=True)
    else:
        print(timed(*held), flush=True)
`;

/**
 * numpy in a process of its own, on one thread, holding a float32 product of users x rank x items; undefined (said
 * aloud) where python3 or numpy is missing or its BLAS is too slow to compare with.
 */
export async function openNumpy(users, items, rank) {
  if (spawnSync("python3", ["-c", "import numpy"]).status !== 0) {
    console.error("No python3 with numpy here: times without a ratio.");
    return undefined;
  }
  const env = { ...process.env, OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" };
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  const child = spawn("python3", ["-c", program, users, rank, items].map(String), {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const ask = async (question) => {
    child.stdin.write(`${question}\n`);
    return Number(await next());
  };
  const version = await next();
  const gflops = (2 * 2048 ** 3) / (await ask("yardstick")) / 1e9;
  const close = () => child.stdin.end();
  if (gflops >= LEAST_GFLOPS) return { version, gflops, close, product: () => ask("product") };
  close();
  console.error(
    `numpy reaches ${gflops.toFixed(0)} GFLOP/s, under ${LEAST_GFLOPS}: too slow to be a reference.`,
  );
  return undefined;
}
