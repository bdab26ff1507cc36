import { expect, it } from "vitest";
import { ProRecError } from "../../errors.ts";
import { interactionsFromPairs } from "../../interactions/interactions.ts";
import { Cdae } from "../cdae.ts";
import { VaeCf } from "../vae-cf.ts";

it.each([new VaeCf({ factors: 2e9 }), new Cdae({ factors: 4e9 })])(
  "$name refuses more than is free with figures, before any work",
  async (model) => {
    const fit = model.fit(
      interactionsFromPairs([
        ["a", "x"],
        ["b", "y"],
        ["c", "x"],
      ]),
    );
    const error = await fit.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ProRecError);
    expect(error).toMatchObject({ code: "TOO_LARGE", details: { users: 3, items: 2 } });
    expect((error as ProRecError).message).toMatch(/needs about [\d,]+ MB of memory and [\d,]+ MB are free/);
  },
);
