/** Node, its heap and the code, and rows on their way in and out. */
const RUNTIME = 200e6;
/** Of an interaction: the log with its decoys by rows and by columns, shares of 20 topics, features of three logs. */
const INTERACTION = 350;
/** Of a user or an item: its id, and the factors. */
const ID = 400;

/** Estimated peak memory, in bytes, of the calibrated mode. */
export function calibratedBytes(users: number, items: number, interactions: number): number {
  return RUNTIME + INTERACTION * interactions + ID * (users + items);
}
