import type { Cell, Found, Rendered, Target } from "./cell.ts";
import { NOISE_CELLS, noiseData, noiseMarkdown, noisePictures } from "./figure-2-noise.ts";
import {
  SENSITIVITY_CELLS,
  sensitivityData,
  sensitivityMarkdown,
  sensitivityPictures,
} from "./figure-2-sensitivity.ts";

/** Figure 2: (a) known noise, found and recovered from; (b, c) the hyper-parameters. */
export const figure2: Target = {
  title: "Figure 2: known noise, and the hyper-parameters",
  cells: (quick): Cell[] => [...NOISE_CELLS, ...SENSITIVITY_CELLS].filter((each) => !quick || each.quick),
  async render(found: Found): Promise<Rendered> {
    return {
      markdown: `### (a) Known noise\n\n${noiseMarkdown(found)}\n### (b, c) Hyper-parameters\n\n${sensitivityMarkdown(found)}`,
      data: { noise: noiseData(found), sensitivity: sensitivityData(found) },
      pictures: { ...(await noisePictures(found)), ...(await sensitivityPictures(found)) },
    };
  },
};
