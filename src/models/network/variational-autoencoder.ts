import type { Floats } from "../../kernels/kernels.ts";
import { type Architecture, denseLayer, sameKind } from "./architecture.ts";

/**
 * mean and log variance = inputs W + bias, z = mean + e^(log variance / 2) normal noise, a softmax over the items. With
 * `hidden` numbers a tanh layer stands behind the first and another before the last.
 */
export function variationalAutoencoder(factors: number, hidden: number): Architecture {
  return {
    activation: "softmax",
    width: hidden > 0 ? hidden : 2 * factors,
    depth: hidden > 0 ? hidden : factors,
    userInputs: false,
    normalized: true,
    layers:
      hidden > 0
        ? [
            { rows: 2 * factors, columns: hidden + 1 },
            { rows: hidden, columns: factors + 1 },
          ]
        : [],
    forward(kernels, sums, layers, training) {
      const [encoder, decoder] = layers;
      const entrance = encoder && sums.map(Math.tanh);
      const encoded = encoder && denseLayer(kernels, entrance!, encoder, hidden);
      const latent = latentOf(encoded ? encoded.out : sums, factors, training);
      const decoded = decoder && denseLayer(kernels, latent.z, decoder, factors);
      const embedding = decoded ? decoded.out.map(Math.tanh) : latent.z;
      return {
        embedding,
        backward(gradient) {
          if (!encoded || !decoded) return { sums: latent.backward(gradient), layers: [] };
          const byDecoder = decoded.backward(behindTanh(gradient, embedding));
          const byEncoder = encoded.backward(latent.backward(byDecoder.rows));
          return {
            sums: behindTanh(byEncoder.rows, entrance!),
            layers: [byEncoder.layer, byDecoder.layer],
          };
        },
      };
    },
  };
}

/** The latent z of each user from its mean and log variance, which stand side by side; without training z is the mean. */
function latentOf(
  codes: Floats,
  factors: number,
  training: Parameters<Architecture["forward"]>[3],
): { readonly z: Floats; backward(gradient: Floats): Floats } {
  const users = codes.length / (2 * factors);
  const z = sameKind(codes, users * factors);
  const deviations = sameKind(codes, z.length);
  const places = Array.from({ length: users }, (_, user) => ({
    code: user * 2 * factors,
    own: user * factors,
  }));
  for (const { code, own } of places) {
    for (let k = 0; k < factors; k++) {
      if (training) {
        deviations[own + k] = training.random.normal() * Math.exp(codes[code + factors + k]! / 2);
      }
      z[own + k] = codes[code + k]! + deviations[own + k]!;
    }
  }
  return {
    z,
    backward(gradient) {
      const byCodes = sameKind(codes, codes.length);
      const weight = training?.klWeight ?? 0;
      for (const { code, own } of places) {
        for (let k = 0; k < factors; k++) {
          const slope = gradient[own + k]!;
          const variance = Math.exp(codes[code + factors + k]!);
          byCodes[code + k] = slope + weight * codes[code + k]!;
          byCodes[code + factors + k] = 0.5 * (slope * deviations[own + k]! + weight * (variance - 1));
        }
      }
      return byCodes;
    },
  };
}

/** The gradient by what went into tanh, from that by what came out. */
function behindTanh(gradient: Floats, out: Floats): Floats {
  return gradient.map((slope, at) => slope * (1 - out[at]! ** 2));
}
