export { openParquet } from "./parquet-read.ts";
export { createParquetSink } from "./parquet-write.ts";
