import type { Ids } from "../interactions/ids.ts";
import type { ItemTitles } from "./titles.ts";

/** 1 for each position whose id or title contains the text, in any case. */
export function positionsWith(ids: Ids, text: string, titles?: ItemTitles): Uint8Array {
  const wanted = text.toLowerCase();
  const found = new Uint8Array(ids.size);
  let position = 0;
  for (const id of ids) {
    const title = titles?.(position) ?? "";
    if (id.toLowerCase().includes(wanted) || title.toLowerCase().includes(wanted)) found[position] = 1;
    position++;
  }
  return found;
}
