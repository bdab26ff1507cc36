import { describe, expect, it } from "vitest";
import { readDamaged, subjects } from "../../test/damage.ts";
import { temporaryFolder } from "../../test/files.ts";

const folder = temporaryFolder();

/** A sample; test/data/damage.test.ts has 100,000 a format. */
describe("damaged files are read or refused by a named error", async () => {
  for (const subject of await subjects(folder)) {
    it(subject.name, async () => {
      await subject.read(folder.file("whole", subject.bytes));
      const outcomes = await readDamaged(subject, folder.file("damaged"), 200);
      expect(outcomes.CORRUPT_FILE ?? outcomes.BAD_ROW).toBeGreaterThan(0);
    });
  }
});
