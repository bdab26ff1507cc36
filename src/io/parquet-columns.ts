import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet";
import { ProRecError } from "../errors.ts";
import { corrupt } from "./binary.ts";
import { printable, printablePath } from "./printable.ts";
import type { Column, ColumnKind } from "./rows.ts";

/** A column of a Parquet file with its type there, so that it can be written back as the same type. */
export interface ParquetColumn extends Column {
  readonly element: SchemaElement;
}

/**
 * The file's columns. Elements of `metadata` that say in one way what hyparquet reads in another are rewritten.
 * @throws ProRecError UNSUPPORTED_FORMAT naming the first column that is nested, or of a type that no cell can
 * hold exactly (DECIMAL, INTERVAL, BSON, geometries), or called like another one.
 */
export function parquetColumns(path: string, metadata: FileMetaData): ParquetColumn[] {
  const names = new Set<string>();
  return parquetSchema(metadata).children.map((node) => {
    const { element } = node;
    const { name } = element;
    if (name === undefined) throw corrupt(path, "a column has no name");
    const kind = kindOf(node);
    if (kind === undefined) {
      throw unsupported(
        path,
        name,
        `is ${typeName(node)}`,
        "Save it as text or as plain numbers, or leave it out.",
      );
    }
    if (names.has(name)) throw unsupported(path, name, "is there twice", "Rename one of them.");
    names.add(name);
    if (kind === "text" && element.type === "BYTE_ARRAY") element.converted_type = "UTF8";
    if (annotation(element) === "DATE") element.converted_type = "DATE";
    return { name, kind, element };
  });
}

function kindOf({ element, children }: SchemaTree): ColumnKind | undefined {
  const meaning = annotation(element) ?? "";
  if (children.length > 0 || element.repetition_type === "REPEATED" || INEXACT.has(meaning)) return undefined;
  switch (element.type) {
    case "BOOLEAN":
      return "boolean";
    case "INT32":
    case "INT64":
      return meaning === "DATE" || meaning.startsWith("TIMESTAMP") ? "timestamp" : "integer";
    case "INT96":
      return "timestamp";
    case "FLOAT":
    case "DOUBLE":
      return "number";
    case "BYTE_ARRAY":
    case "FIXED_LEN_BYTE_ARRAY":
      return meaning === "FLOAT16" ? "number" : TEXTUAL.has(meaning) ? "text" : "bytes";
    default:
      return undefined;
  }
}

const TEXTUAL: ReadonlySet<string> = new Set(["UTF8", "STRING", "ENUM", "JSON", "UUID"]);
const INEXACT: ReadonlySet<string> = new Set(["DECIMAL", "INTERVAL", "BSON", "GEOMETRY", "GEOGRAPHY"]);

function annotation({ logical_type, converted_type }: SchemaElement): string | undefined {
  return logical_type?.type ?? converted_type;
}

function typeName({ element, children }: SchemaTree): string {
  if (children.length > 0 || element.repetition_type === "REPEATED") return "nested (a list, map or struct)";
  return `of type ${annotation(element) ?? element.type ?? "unknown"}, which can't be kept exactly`;
}

function unsupported(path: string, column: string, what: string, hint: string): ProRecError {
  return new ProRecError(
    "UNSUPPORTED_FORMAT",
    `${printablePath(path)}: the column ${printable(column)} ${what}.`,
    { details: { file: path, column }, hint },
  );
}
