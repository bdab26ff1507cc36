/** Users in a block: the unit of work, of progress and of the order in which sums run. */
const USERS = 64;

export function blockCount(users: number): number {
  return Math.ceil(users / USERS);
}

/** The users start..end-1 of a block. */
export function blockRange(block: number, users: number): { start: number; end: number } {
  return { start: block * USERS, end: Math.min((block + 1) * USERS, users) };
}
