import { ProRecError } from "../errors.ts";
import { printable } from "../io/printable.ts";
import type { Address } from "./address.ts";

export function unusable({ masked }: Address, reason: string, hint: string): ProRecError {
  const message = `Can't use the cluster at ${printable(masked, 200)}: ${printable(reason, 200)}.`;
  return new ProRecError("UNUSABLE_CLUSTER", message, { details: { address: masked }, hint });
}

/** What a server or the network said; without the error as its cause, which may quote what was sent. */
export function unreachable(address: Address, error: unknown): ProRecError {
  const { message, code, errors } = error as Error & { code?: string; errors?: Error[] };
  const reason = message || errors?.[0]?.message || code || "it does not answer";
  return unusable(
    address,
    reason.replace(/\.$/, ""),
    "Check the address, user and password, and whether it runs.",
  );
}

/** Lost connections come back by themselves; unheard, BullMQ would print the error with the connection in it. */
export function quiet<Emitter extends { on(event: "error", listener: () => void): unknown }>(
  emitter: Emitter,
): Emitter {
  emitter.on("error", () => {});
  return emitter;
}
