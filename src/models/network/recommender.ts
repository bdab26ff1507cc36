import type { Interactions } from "../../interactions/interactions.ts";
import type { Floats } from "../../kernels/kernels.ts";
import { factorPredictions } from "../factor-predictions.ts";
import { type FitOptions, FittedRecommender, type Learned, type Recommender } from "../recommender.ts";
import { openTrainingFile } from "../training-file.ts";
import type { Architecture } from "./architecture.ts";
import { inputCount } from "./batches.ts";
import { checkpointOf, progressedFrom } from "./checkpoint.ts";
import { embed, fitNetwork, scoresOf } from "./fit.ts";
import type { TrainingOptions } from "./options.ts";

/** Trains the network for `model`. */
export async function fitRecommender(
  model: Recommender,
  architecture: Architecture,
  training: TrainingOptions,
  interactions: Interactions,
  { checkpoint, ...run }: FitOptions,
): Promise<FittedRecommender> {
  const { matrix } = interactions;
  const owner = { model: model.name, parameters: model.parameters, matrix };
  const file = checkpoint === undefined ? undefined : await openTrainingFile(checkpoint, owner);
  const { input, output, layers } = await fitNetwork(architecture, matrix, training, {
    ...run,
    resume: file?.kept && progressedFrom(file.kept),
    onEpoch: (at) => file?.save(() => checkpointOf(at)),
  });
  const { userFactors } = scoresOf(architecture, matrix, { input, output, layers }, run.engine);
  const ownLayers = layers.map(({ values }, index) => [`layer ${index}`, Float32Array.from(values)]);
  return model.restore(interactions, {
    userFactors,
    itemFactors: Float32Array.from(output.values),
    input: itemInputs(architecture, interactions, input.values),
    ...Object.fromEntries(ownLayers),
  });
}

/** The recommender again from what it learned. A new user is one pass through the network, without an input of its own. */
export function restoredRecommender(
  model: Recommender,
  architecture: Architecture,
  interactions: Interactions,
  learned: Learned,
): FittedRecommender {
  const { userFactors, itemFactors, input, ...layers } = learned as Record<string, Float32Array>;
  const encoder = { ...architecture, userInputs: false };
  const rank = architecture.depth + 1;
  const { activation } = architecture;
  const pair = { rank, userFactors: userFactors!, itemFactors: itemFactors!, biased: true, activation };
  const predictions = factorPredictions(interactions.matrix, pair, ({ indices, values }) => {
    const offsets = Uint32Array.of(0, indices.length);
    const row = { rows: 1, columns: interactions.items.size, offsets, indices, values };
    return embed(encoder, row, Uint32Array.of(0), input!, Object.values(layers)) as Float32Array;
  });
  return new FittedRecommender(model, interactions, learned, predictions);
}

/** The rows of the first layer without those of the users. */
function itemInputs(architecture: Architecture, { matrix }: Interactions, input: Floats): Float32Array {
  const { width } = architecture;
  const bias = (inputCount(architecture, matrix) - 1) * width;
  const items = new Float32Array((matrix.columns + 1) * width);
  items.set(input.subarray(0, matrix.columns * width));
  items.set(input.subarray(bias, bias + width), matrix.columns * width);
  return items;
}
