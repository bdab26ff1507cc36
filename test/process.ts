import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

export interface Ended {
  /** The exit code; null if a signal killed it. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once standard error has said `text`. */
  hasSaid(text: string): Promise<void>;
  /** What standard error has said. */
  said(): string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly environment?: Readonly<Record<string, string>>;
  /** Another Node than the tests'. */
  readonly node?: string;
  /** A program, and its words, that starts it: `["ip", "netns", "exec", "there"]`. */
  readonly under?: readonly string[];
}

/** The built program as a user runs it. */
export function prorec(args: readonly string[], options: ProcessOptions = {}): Promise<Ended> {
  return start("dist/cli/main.js", args, options).ended;
}

/** Starts a script of the repository in a process of its own. */
export function start(script: string, args: readonly string[], options: ProcessOptions = {}): Running {
  const { cwd, input = "", environment = {}, node = process.execPath, under = [] } = options;
  const [program, ...words] = [...under, node, `${ROOT}${script}`, ...args];
  const child = spawn(program!, words, {
    cwd,
    env: { ...process.env, ...environment },
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk) => stdout.push(chunk));
  child.stderr.on("data", (chunk) => stderr.push(chunk));
  child.stdin.on("error", () => {}).end(input); // it need not read it
  const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
  return {
    process: child,
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exit) => resolve({ exit, stdout: text(stdout), stderr: text(stderr) }));
    }),
    said: () => text(stderr),
    hasSaid: (expected) =>
      new Promise((resolve, reject) => {
        const check = () => text(stderr).includes(expected) && resolve();
        child.stderr.on("data", check);
        child.on("close", () => reject(new Error(`It ended without "${expected}": ${text(stderr)}`)));
        check();
      }),
  };
}
