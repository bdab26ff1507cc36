import { InvalidArgumentError } from "commander";
import type { EmbeddingFiles } from "../io/embeddings.ts";

export interface EmbeddingOptionValues {
  readonly userEmbeddings?: string;
  readonly itemEmbeddings?: string;
  readonly userIds?: string;
  readonly itemIds?: string;
}

/** The files that take a model's place, if any are named. */
export function embeddingFiles(values: EmbeddingOptionValues): EmbeddingFiles | undefined {
  const { userEmbeddings: users, itemEmbeddings: items, userIds, itemIds } = values;
  if (users === undefined && items === undefined) {
    if (userIds !== undefined || itemIds !== undefined) {
      throw new InvalidArgumentError(
        "--user-ids and --item-ids name the rows of --user-embeddings and --item-embeddings.",
      );
    }
    return undefined;
  }
  if (users === undefined || items === undefined) {
    throw new InvalidArgumentError("--user-embeddings and --item-embeddings go together.");
  }
  return { users, items, userIds, itemIds };
}
