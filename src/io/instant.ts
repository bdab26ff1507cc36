/** A Date that also keeps what is finer than a millisecond: Parquet counts micro- and nanoseconds. */
export class Instant extends Date {
  /** Since 1970. */
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    super(Number((nanoseconds - remainder(nanoseconds)) / 1_000_000n));
    this.nanoseconds = nanoseconds;
  }

  /** ISO 8601 with nine digits after the second, fewer if the last ones are zeros, at least three. */
  override toISOString(): string {
    const finer = remainder(this.nanoseconds).toString().padStart(6, "0").replace(/0+$/, "");
    return super.toISOString().replace("Z", `${finer}Z`);
  }
}

/** Nanoseconds beyond the last whole millisecond, before 1970 too. */
function remainder(nanoseconds: bigint): bigint {
  const rest = nanoseconds % 1_000_000n;
  return rest < 0n ? rest + 1_000_000n : rest;
}
