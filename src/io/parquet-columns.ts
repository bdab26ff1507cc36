import { type FileMetaData, parquetSchema, type SchemaElement } from "hyparquet";
import { ProRecError } from "../errors.ts";
import { quoted } from "./bad-row.ts";
import { corrupt } from "./binary.ts";
import { printablePath } from "./printable.ts";
import type { Column, ColumnKind } from "./rows.ts";

type ConvertedType = NonNullable<SchemaElement["converted_type"]>;

/** A column of a Parquet file with its type there, so that it can be written back as the same type. */
export interface ParquetColumn extends Column {
  readonly element: SchemaElement;
}

/**
 * The file's columns. Elements of `metadata` that say in one way what hyparquet reads or writes in another are rewritten.
 * @throws ProRecError UNSUPPORTED_FORMAT naming the first column that is nested, or of a type that no cell can
 * hold exactly (DECIMAL, INTERVAL, BSON, geometries), or called like another one.
 */
export function parquetColumns(path: string, metadata: FileMetaData): ParquetColumn[] {
  const names = new Set<string>();
  return parquetSchema(metadata).children.map(({ element, children }) => {
    const { name } = element;
    if (name === undefined) throw corrupt(path, "a column has no name");
    const refuse = (what: string, hint: string) =>
      new ProRecError("UNSUPPORTED_FORMAT", `${printablePath(path)}: the column ${quoted(name)} ${what}.`, {
        details: { file: path, column: name },
        hint,
      });
    if (children.length > 0 || element.repetition_type === "REPEATED") {
      throw refuse("is nested (a list, map or struct)", "Leave it out or flatten it.");
    }
    const kind = kindOf(element);
    if (kind === undefined) {
      const type = annotation(element) ?? element.type ?? "unknown";
      throw refuse(
        `is of the type ${type}, which can't be kept exactly`,
        "Save it as text, integers or doubles.",
      );
    }
    if (names.has(name)) throw refuse("is there twice", "Rename one of them.");
    names.add(name);
    if (kind === "text" && element.type === "BYTE_ARRAY") {
      element.converted_type = "UTF8"; // JSON and ENUM stay text
      element.logical_type = { type: "STRING" };
    }
    if (annotation(element) === "DATE") element.converted_type = "DATE";
    if (element.logical_type?.type === "INTEGER") {
      const { bitWidth, isSigned } = element.logical_type;
      element.converted_type = `${isSigned ? "INT" : "UINT"}_${bitWidth}` as ConvertedType;
      delete element.logical_type; // which hyparquet-writer 0.17 writes in a way that other readers refuse
    }
    return { name, kind, element };
  });
}

/** What cells of a flat column are; undefined for types that no cell holds exactly. */
export function kindOf(element: SchemaElement): ColumnKind | undefined {
  const meaning = annotation(element) ?? "";
  if (INEXACT.has(meaning)) return undefined;
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
