import * as binaries from "../kernels/binaries.generated.ts";
import { version } from "../version.ts";
import { sha256 } from "./shipment.ts";

/** What computes: all that the bits of a block depend on beside its job. */
export interface Build {
  /** Equal for equal builds. */
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** This process's. */
export function ownBuild(): Build {
  const engines = sha256(Buffer.from(`${binaries.simd128} ${binaries.relaxedSimd}`)).slice(0, 12);
  const { v8 } = process.versions;
  const name = `ProRec ${version}, engine ${engines}, V8 ${v8}`;
  return { id: sha256(Buffer.from(name)).slice(0, 16), name };
}
