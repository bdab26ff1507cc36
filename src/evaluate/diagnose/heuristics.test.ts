import { describe, expect, it } from "vitest";
import { interactionsFromPairs } from "../../interactions/interactions.ts";
import { randomFor } from "../../random.ts";
import { botLikeUsers } from "./bots.ts";
import { burstItems } from "./bursts.ts";
import { sampleUsers } from "./sample.ts";
import { sharedAccounts } from "./shared-accounts.ts";

const ITEMS = 100;
const random = randomFor(1, "heuristics-test");

/** A user's clicks on `count` different items of a group of 50, low positions far more often. */
function tasteful(user: string, group: number, count: number): [string, string][] {
  const items = new Set<number>();
  while (items.size < count) items.add(group * 50 + Math.floor(50 * random.uniform() ** 3));
  return [...items].map((item) => [user, `i${item}`]);
}

const everyItem = Array.from({ length: ITEMS }, (_, item): [string, string] => ["everything", `i${item}`]);
const people = Array.from({ length: 80 }, (_, user) => tasteful(`u${user}`, user % 2, 24)).flat();
const shared = [...tasteful("both", 0, 24), ...tasteful("both", 1, 24)];
const log = interactionsFromPairs([...everyItem, ...people, ...shared]);

describe("botLikeUsers", () => {
  it("names who clicks items whatever their popularity, and nobody else", () => {
    expect(botLikeUsers(log).users.map(({ user, kind }) => [user, kind])).toEqual([["everything", "blind"]]);
  });
});

describe("sharedAccounts", () => {
  /** Items of the two groups point in two directions, with some spread. */
  const factors = (spread: number) => ({
    rank: 3,
    itemFactors: Float32Array.from({ length: 3 * ITEMS }, (_, at) => {
      const group = Number(log.items.at(Math.floor(at / 3)).slice(1)) < 50 ? 0 : 1;
      return (at % 3 === group ? 1 : 0) + spread * random.normal();
    }),
  });

  it("names an account of two tastes where two users can be told from one", () => {
    const { auc, users } = sharedAccounts(log, factors(0.1), 1);
    // Half of the pairs it puts together are of one taste.
    expect(auc).toBeLessThan(0.9);
    expect(auc).toBeGreaterThan(0.6);
    for (const { user } of users) expect(["both", "everything"]).toContain(user);
  });

  it("names nobody where they can't, or where there are too few users", () => {
    expect(sharedAccounts(log, factors(5), 1).users).toEqual([]);
    expect(sharedAccounts(interactionsFromPairs(everyItem), factors(1), 1)).toEqual({ auc: null, users: [] });
  });
});

describe("burstItems", () => {
  it("finds an item whose clicks come at once, by the log's own clock, and leaves out what has no time", () => {
    const times = Float64Array.from(people, (_, at) => at * 100);
    const clicks = interactionsFromPairs(people);
    expect(burstItems(clicks, times).found).toBe(0);
    const pushed = Array.from({ length: 12 }, (_, user): [string, string] => [`u${user}`, "pushed"]);
    const all = interactionsFromPairs([...people, ...pushed]);
    const item = all.items.indexOf("pushed");
    const at = Float64Array.from(all.matrix.indices, (own, entry) => (own === item ? 5000.5 : entry * 100));
    expect(burstItems(all, at)).toEqual({
      found: 1,
      items: [{ item: "pushed", clicks: 12, within: 12, from: 5000.5, to: 5000.5 }],
    });
    expect(burstItems(all, at.fill(Number.NaN)).found).toBe(0);
  });
});

describe("sampleUsers", () => {
  it("takes whole rows of some users, and a short log as it is", () => {
    expect(sampleUsers(log, log.size, 1)).toBe(log);
    const sampled = sampleUsers(log, 500, 1);
    expect(sampled.size).toBeGreaterThanOrEqual(500);
    expect(sampled.size).toBeLessThan(620);
    const before = log.userCounts();
    for (const [user, count] of sampled.userCounts().entries()) expect([0, before[user]]).toContain(count);
  });
});
