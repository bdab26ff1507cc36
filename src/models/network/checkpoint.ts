import type { Container, TypedArray } from "../../io/container.ts";
import type { AdamState, Floats } from "../../kernels/kernels.ts";
import { inSharedMemory } from "../../parallel/shared.ts";
import type { Progressed } from "./fit.ts";
import type { NetworkState } from "./training.ts";

const LAYER = "layer ";

/** Where training stands, to be kept. */
export function checkpointOf({ phase, epoch, best, state }: Progressed): Container {
  const sections: Record<string, TypedArray> = {};
  for (const [name, arrays] of Object.entries(layersOf(state))) {
    for (const [part, array] of Object.entries(arrays)) sections[`${name}.${part}`] = array;
  }
  return { metadata: { phase, epoch, best, steps: state.steps }, sections };
}

/** Where training stood. */
export function progressedFrom({ metadata, sections }: Container): Progressed {
  const layer = (name: string): AdamState => {
    const part = (part: string) => inSharedMemory(sections[`${name}.${part}`] as Floats);
    return { values: part("values"), first: part("first"), second: part("second") };
  };
  const names = Object.keys(sections).filter((name) => name.startsWith(LAYER) && name.endsWith(".values"));
  const { phase, epoch, best, steps } = metadata as unknown as Omit<Progressed, "state"> & { steps: number };
  const state = {
    steps,
    input: layer("input"),
    output: layer("output"),
    layers: names.map((_, index) => layer(LAYER + index)),
  };
  return { phase, epoch, best, state };
}

function layersOf({ input, output, layers }: NetworkState): Record<string, AdamState> {
  const middle = layers.map((layer, index) => [LAYER + index, layer]);
  return { input, output, ...Object.fromEntries(middle) };
}
