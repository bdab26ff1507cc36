import { createModel, interactionsFromPairs } from "prorec";
import { expect, it } from "vitest";
import { randomFor } from "../dist/random.js";

const USERS = 230;
const ITEMS = 6000;
const random = randomFor(1, "log");
const clicks = interactionsFromPairs(
  Array.from({ length: 9000 }, () => [`u${random.below(USERS)}`, `i${random.below(ITEMS)}`] as const),
);
const training = { factors: 60, batchSize: 100, epochs: 2, validation: 0 };

it.each([
  { name: "cdae", own: { negatives: 0 } },
  { name: "cdae", own: { negatives: 2, loss: "t-ce", dropSchedule: 2 } },
  { name: "vae-cf", own: { hidden: 60 } },
] as const)("$name $own: the same bits for any number of threads", async ({ name, own }) => {
  const [one, three] = await Promise.all(
    [1, 3].map((threads) => createModel(name, { ...training, ...own }).fit(clicks, { threads })),
  );
  expect(three!.learned).toEqual(one!.learned);
});
