import type { Outcome } from "./queue.ts";

/** Which blocks of a job are done. */
export interface Settling {
  /** Resolves once the block's result should be in the store; fails as the block did. */
  settled(block: number): Promise<void>;
  /** Whether that was news. */
  settle(block: number, outcome: Outcome): boolean;
  /** Waits for the block again. */
  reopen(block: number): void;
  /** The blocks that are waited for, in order. */
  open(): number[];
  /** Whether any was settled since this was last asked. */
  moved(): boolean;
}

interface Wait {
  readonly promise: Promise<void>;
  readonly end: (outcome: Outcome) => void;
}

export function settlingOf(count: number): Settling {
  const waits: Wait[] = Array.from({ length: count }, newWait);
  const waiting = new Set(waits.keys());
  let moved = false;
  return {
    settled: (block) => waits[block]!.promise,
    settle(block, outcome) {
      if (!waiting.delete(block)) return false;
      waits[block]!.end(outcome);
      moved = true;
      return true;
    },
    reopen(block) {
      waits[block] = newWait();
      waiting.add(block);
    },
    open: () => [...waiting].sort((left, right) => left - right),
    moved() {
      const was = moved;
      moved = false;
      return was;
    },
  };
}

function newWait(): Wait {
  let end: Wait["end"] = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    end = (outcome) => ("error" in outcome ? reject(outcome.error) : resolve());
  });
  promise.catch(() => {}); // seen by who waits for the block
  return { promise, end };
}
