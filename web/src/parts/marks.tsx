import { useState } from "preact/hooks";
import type { Row } from "../../../src/server/messages.ts";
import { decide, decisionOf } from "../api.ts";
import { times } from "../format.ts";

/** Tenfolds that the strip shows below the threshold and above it. */
const REACH = { flagged: 6, kept: 2 };

/** A match against its threshold: the bar leaves the middle to the left where it falls short. */
export function Margin({ match, threshold }: { match: number; threshold: number }) {
  const margin = match / threshold;
  const flagged = match < threshold;
  const tenfolds = Math.log10(margin) / (flagged ? REACH.flagged : REACH.kept);
  const reach = Math.max(-1, Math.min(1, tenfolds));
  const width = Math.max(2, Math.abs(Number.isNaN(reach) ? 0 : reach) * 50);
  return (
    <span class={`margin ${flagged ? "is-flagged" : "is-kept"}`}>
      <span class="margin-text">{times(margin)}</span>
      <span class="margin-strip" aria-hidden="true">
        <i style={{ width: `${width}%`, left: flagged ? `${50 - width}%` : "50%" }} />
      </span>
    </span>
  );
}

export function Label({ noise }: { noise: boolean }) {
  return <span class={`label ${noise ? "is-flagged" : "is-kept"}`}>{noise ? "flagged" : "kept"}</span>;
}

/** Keep or remove, by hand; the one chosen, chosen again, takes it back. */
export function Decide({ row, large = false }: { row: Row; large?: boolean }) {
  const [failure, setFailure] = useState("");
  const current = decisionOf(row);
  const choose = (choice: "keep" | "remove") => (event: Event) => {
    event.stopPropagation();
    setFailure("");
    decide([[row.entry, current === choice ? null : choice]]).catch((error) => setFailure(error.message));
  };
  return (
    <span class={large ? "decide decide-large" : "decide"}>
      {(["keep", "remove"] as const).map((choice) => (
        <button
          key={choice}
          type="button"
          tabIndex={large ? 0 : -1}
          class={`choice choice-${choice}`}
          aria-pressed={current === choice}
          onClick={choose(choice)}
        >
          {choice === "keep" ? "Keep" : "Remove"}
        </button>
      ))}
      {failure !== "" && (
        <span class="small is-flagged" role="alert">
          {failure}
        </span>
      )}
    </span>
  );
}

/** An item by its title, with the id beside it. */
export function ItemName({ title, id }: { title: string | null; id: string }) {
  return (
    <span class="item-name">
      <span class="item-title">{title ?? id}</span>
      {title !== null && <span class="item-id">{id}</span>}
    </span>
  );
}
