import { Refused } from "../api.ts";

/** What went wrong, where something should have stood. */
export function Problem({ error }: { error: Error }) {
  return (
    <div class="problem" role="alert">
      <p>{error.message}</p>
      {error instanceof Refused && error.hint !== null && <p class="small">{error.hint}</p>}
    </div>
  );
}

export function Waiting({ what }: { what: string }) {
  return (
    <p class="muted waiting-text" role="status">
      {what}
    </p>
  );
}
