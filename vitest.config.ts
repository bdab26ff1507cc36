import { defineConfig } from "vitest/config";

/** `unit` beside the source, `product` through dist/ as a user would, `data` the slow tier on real logs. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "product",
          include: ["test/**/*.test.ts"],
          exclude: ["test/data/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "data",
          include: ["test/data/**/*.test.ts"],
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
