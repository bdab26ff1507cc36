import { ProRecError } from "../errors.ts";
import type { Build } from "./build.ts";
import { openCache } from "./cache.ts";
import { documentKey, pieceKey } from "./keys.ts";
import { arrayAt, digestOf, type Place, placesIn, sha256 } from "./shipment.ts";
import type { Store } from "./store/store.ts";
import { taskNamed } from "./tasks.ts";
import { fromJson, type Numbers } from "./values.ts";

/** Jobs as threads take them, by their digests. */
export interface Jobs {
  /** @throws ProRecError CORRUPT_FILE if what is in the store is not what the digest says; UNREADABLE_FILE */
  get(task: string, digest: string): Promise<unknown>;
}

/** Documents and arrays that were used last are kept, `bytes` of them; each array is checked once when it is read. */
export function openJobs(store: Store, build: Build, bytes: number): Jobs {
  const documents = openCache<{ document: string; places: Place[] }>(bytes / 100);
  const arrays = openCache<Numbers>(bytes);

  const read = async (digest: string) => {
    const key = documentKey(digest);
    const document = Buffer.from(await store.get(key)).toString();
    if (digestOf(build.id, document) !== digest) throw damaged(key, store);
    return { document, places: placesIn(document) };
  };
  const load = async (piece: string) => {
    const key = pieceKey(piece);
    const bytes = await store.get(key);
    if (sha256(bytes) !== piece) throw damaged(key, store);
    return bytes;
  };
  return {
    async get(task, digest) {
      const { document, places } = await documents.get(digest, 1e4, () => read(digest));
      const found = new Map<string, Numbers>();
      await Promise.all(
        places.map(async (place) => {
          const key = keyOf(place, digest);
          const { length, kind } = place;
          const size = length * (kind === "Float64Array" ? 8 : 4);
          found.set(key, await arrays.get(key, size, () => arrayAt(place, load)));
        }),
      );
      const shipped = fromJson(document, (place: Place) => found.get(keyOf(place, digest))!) as {
        task: string;
        job: object;
      };
      if (shipped.task !== task) throw damaged(documentKey(digest), store);
      const numbers = taskNamed(task)?.numbering?.map((field) => [field, digest]) ?? [];
      return { ...shipped.job, ...Object.fromEntries(numbers) };
    },
  };
}

/** Arrays that blocks write to are no other job's. */
function keyOf({ own, kind, length, pieces }: Place, digest: string): string {
  return own === undefined ? `${kind} ${length} ${pieces.join(" ")}` : `${digest} ${own}`;
}

function damaged(key: string, { location }: Store): ProRecError {
  return new ProRecError("CORRUPT_FILE", `${key} in the store ${location} is not what the run put there.`, {
    details: { key, location },
    hint: "Run the same command again: it puts its inputs there anew and takes every block that is done.",
  });
}
