export interface Going {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** How far a long piece of work has come, and a way to stop it. */
export function Progress({ going, onCancel }: { going: Going; onCancel(): void }) {
  const { stage, done, total } = going;
  return (
    <div class="progress">
      <label>
        <span class="small muted">{stage}</span>
        <progress max={Math.max(1, total)} value={done} />
      </label>
      <button type="button" class="button" onClick={onCancel}>
        Stop
      </button>
    </div>
  );
}
