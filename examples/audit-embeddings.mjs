// Which interactions don't fit the embeddings of a model that was trained elsewhere?
//   python3 examples/export-pytorch.py      or examples/export-implicit.py
//   node examples/audit-embeddings.mjs clicks.csv users.safetensors items.safetensors users.txt items.txt
import { denoise, readEmbeddings, readInteractions } from "prorec";

const [log, users, items, userIds, itemIds] = process.argv.slice(2);
const clicks = await readInteractions(log);
const embeddings = await readEmbeddings({ users, items, userIds, itemIds });
const audit = await denoise(clicks, { embeddings });

const share = (100 * audit.flaggedCount) / clicks.size;
console.log(`${embeddings.rank} factors; ${share.toFixed(1)}% lie below their user's threshold. The worst:`);
for (const { user, item, evidence } of audit.flagged({ limit: 10 })) {
  console.log(`${user}, ${item}: ${evidence.reason}`);
}
await audit.write("audit.csv");
