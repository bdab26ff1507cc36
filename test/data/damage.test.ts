import { describe, expect, it } from "vitest";
import { readDamaged, subjects } from "../damage.ts";
import { temporaryFolder } from "../files.ts";

const folder = temporaryFolder();
/** PRORECTEST_CASES=100000 takes half an hour of one core. */
const CASES = Number(process.env.PRORECTEST_CASES ?? 20_000);

/** Bits flipped, cut off, left out, joined wrongly, absurd lengths: no crash, hang or memory beyond the limit. */
describe(`${CASES} damaged files of each format are read or refused by a named error`, async () => {
  const all = await subjects(folder);
  const kindOf = (name: string) => name.split(" ")[0];
  for (const subject of all) {
    const count = Math.ceil(CASES / all.filter(({ name }) => kindOf(name) === kindOf(subject.name)).length);
    it(`${subject.name}: ${count}`, async () => {
      const outcomes = await readDamaged(subject, folder.file("damaged"), count);
      expect(Object.values(outcomes).reduce((sum, each) => sum + each, 0)).toBe(count);
    });
  }
});
