import { ProRecError } from "../errors.ts";
import { readContainer, type TypedArray, writeContainer } from "../io/container.ts";
import { interactionSections, interactionsFrom } from "../io/interaction-sections.ts";
import { printable, printablePath } from "../io/printable.ts";
import type { RunOptions } from "../progress.ts";
import { createModel, MODELS, type ModelName, type ModelOptions } from "./models.ts";
import type { FittedRecommender } from "./recommender.ts";

const KIND = "model";
const INTERACTIONS = "interactions.";
const LEARNED = "learned.";

/**
 * Saves a fitted model: its name and hyper-parameters, the interactions it was fitted to, what it learned, a checksum.
 * @throws ProRecError UNWRITABLE_FILE, ABORTED
 */
export function saveModel(
  path: string,
  { model, interactions, learned }: FittedRecommender,
  { signal }: Pick<RunOptions, "signal"> = {},
): Promise<void> {
  const content = {
    kind: KIND,
    metadata: { model: model.name, parameters: model.parameters },
    sections: {
      ...renamed(interactionSections(interactions), (name) => INTERACTIONS + name),
      ...renamed(learned, (name) => LEARNED + name),
    },
  };
  return writeContainer(path, content, signal);
}

/**
 * A saved model, which recommends as it did before, bit for bit.
 * @throws ProRecError CORRUPT_FILE if a byte is wrong or missing; UNSUPPORTED_FORMAT if it is no model; UNREADABLE_FILE
 */
export async function loadModel(path: string): Promise<FittedRecommender> {
  const { metadata, sections } = await readContainer(path, KIND);
  if (!((metadata.model as string) in MODELS)) {
    const name = printable(String(metadata.model));
    throw new ProRecError("UNSUPPORTED_FORMAT", `${printablePath(path)} holds a model "${name}".`, {
      details: { file: path, value: name },
      hint: `This version of ProRec has ${Object.keys(MODELS).join(", ")}.`,
    });
  }
  const model = createModel(metadata.model as ModelName, metadata.parameters as ModelOptions);
  const interactions = interactionsFrom(under(INTERACTIONS, sections));
  return model.restore(interactions, under(LEARNED, sections));
}

type Sections = Readonly<Record<string, TypedArray>>;

function renamed(sections: Sections, rename: (name: string) => string): Sections {
  return Object.fromEntries(Object.entries(sections).map(([name, array]) => [rename(name), array]));
}

function under(prefix: string, sections: Sections): Sections {
  const inside = Object.entries(sections).filter(([name]) => name.startsWith(prefix));
  return renamed(Object.fromEntries(inside), (name) => name.slice(prefix.length));
}
