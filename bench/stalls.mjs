// Preloaded (`node --import`): writes the longest time that the process's first thread was busy, and the CPU time of all of its
// threads, to PROREC_STALLS/PID.json when it ends.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime } = process.resourceUsage();
    const told = { longestStall: delay.max / 1e6, cpu: (userCPUTime + systemCPUTime) / 1e6 };
    writeFileSync(join(process.env.PROREC_STALLS, `${process.pid}.json`), JSON.stringify(told));
  });
}
