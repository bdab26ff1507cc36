import { Ids } from "../interactions/ids.ts";
import { Interactions } from "../interactions/interactions.ts";
import type { TypedArray } from "./container.ts";

/** Interactions as sections of a container: the ids of both sides and the compressed rows. */
export function interactionSections({ users, items, matrix }: Interactions): Record<string, TypedArray> {
  const { offsets, indices, values } = matrix;
  return { ...idSections("users", users), ...idSections("items", items), offsets, indices, values };
}

/** The interactions that `interactionSections` made sections of. */
export function interactionsFrom(sections: Readonly<Record<string, TypedArray>>): Interactions {
  const users = idsFrom("users", sections);
  const items = idsFrom("items", sections);
  return new Interactions(users, items, {
    rows: users.size,
    columns: items.size,
    offsets: sections.offsets as Uint32Array,
    indices: sections.indices as Uint32Array,
    values: sections.values as Float32Array,
  });
}

/** Ids as one UTF-8 text and the position where each ends. */
function idSections(name: string, ids: Ids): Record<string, TypedArray> {
  const ends = new Float64Array(ids.size);
  const parts = Array.from(ids, (id) => Buffer.from(id));
  let end = 0;
  for (const [index, part] of parts.entries()) {
    end += part.length;
    ends[index] = end;
  }
  return { [`${name}Text`]: new Uint8Array(Buffer.concat(parts)), [`${name}Ends`]: ends };
}

function idsFrom(name: string, sections: Readonly<Record<string, TypedArray>>): Ids {
  const { buffer, byteOffset, byteLength } = sections[`${name}Text`] as Uint8Array;
  const text = Buffer.from(buffer, byteOffset, byteLength);
  const ids = new Ids();
  let start = 0;
  for (const end of sections[`${name}Ends`] as Float64Array) {
    ids.add(text.toString("utf8", start, end));
    start = end;
  }
  return ids;
}
