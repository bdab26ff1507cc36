import { ProRecError } from "../errors.ts";
import type { Place } from "./disk.browser.ts";
import { printablePath } from "./printable.ts";
import type { RowSource } from "./rows.ts";

/** @throws ProRecError UNSUPPORTED_FORMAT: SciPy's archives are read in Node only. */
export async function openNpz(_: Place, name: string): Promise<RowSource> {
  throw new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(name)} is an .npz file, which a browser can't read.`,
    {
      details: { file: name },
      hint: "Save it as CSV or Parquet.",
    },
  );
}
