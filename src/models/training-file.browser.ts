import type { TrainingFile } from "./training-file.ts";

/** A page has no files to keep a fit in. @throws RangeError */
export async function openTrainingFile(path: string): Promise<TrainingFile> {
  throw new RangeError(`checkpoint is ${path}, but a browser has no paths.`);
}
