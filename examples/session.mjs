// A session as in a notebook: read a log, look at it, clean it, see whether that helps. A line at a time it runs in
// `node` too, which awaits at the top.
//   node examples/session.mjs clicks.csv
import { compare, denoise, Ease, readInteractions } from "prorec";

const clicks = await readInteractions(process.argv[2] ?? "clicks.csv");
console.log(`${clicks.users.size} users, ${clicks.items.size} items, ${clicks.size} interactions`);

const cleaned = await denoise(clicks, { model: new Ease(), gamma: 0.1 });
console.log(`${cleaned.flaggedCount} flagged; the worst of them:`);
console.table(
  [...cleaned.flagged({ limit: 5 })].map(({ user, item, rank, evidence: { margin, popularity } }) => ({
    ...{ user, item, rank, margin, popularity },
  })),
);
for (const { evidence } of cleaned.flagged({ limit: 1 })) console.log(evidence.reason);

const model = await new Ease().fit(cleaned.interactions);
const [someone] = clicks.users;
console.log(`For ${someone}:`, model.recommend(someone, { limit: 5 }).items);

const { summary, tests } = await compare(clicks, { model: () => new Ease(), runs: 2, k: 5 });
console.table(Object.fromEntries(Object.entries(summary).map(([arm, means]) => [arm, means["ndcg@5"]])));
console.log(tests.find(({ arm, metric }) => arm === "prorec" && metric === "ndcg@5"));
