import { useEffect, useReducer } from "preact/hooks";
import type { Overview } from "../../src/server/messages.ts";
import { work } from "./api.ts";
import type { Going } from "./parts/progress.tsx";

type Diagnosis = NonNullable<Overview["diagnosis"]>;

interface State {
  readonly going?: Going;
  readonly found?: Diagnosis;
  readonly error?: Error;
}

// Kept here rather than in a view: it goes on while other views are looked at.
let state: State = {};
let control: AbortController | undefined;
const listeners = new Set<() => void>();

function become(next: State): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Has the server compute the verdict, which takes a minute or more. */
export async function diagnose(): Promise<void> {
  control = new AbortController();
  const { signal } = control;
  become({ going: { stage: "start", done: 0, total: 1 } });
  try {
    become({ found: await work<Diagnosis>("diagnose", {}, (going) => become({ going }), signal) });
  } catch (error) {
    become(signal.aborted ? {} : { error: error as Error });
  }
}

export function stopDiagnosing(): void {
  control?.abort();
}

export function useDiagnosis(): State {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const listener = () => redraw(undefined as never);
    listeners.add(listener);
    return () => listeners.delete(listener) && undefined;
  }, []);
  return state;
}
