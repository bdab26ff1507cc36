import type { Target } from "./cell.ts";
import { CLAIMS } from "./claim-list.ts";
import { complexityCell } from "./complexity.ts";
import { PROPOSITION_2_CELLS } from "./proposition-2.ts";

/** docs/claims.md: the paper's claims, what was measured, what that says. */
export const claims: Target = {
  title: "The paper's claims, measured",
  cells: (quick) => [...PROPOSITION_2_CELLS.slice(0, quick ? 1 : undefined), complexityCell],
  render(found) {
    const data = CLAIMS.map(({ claim, where, target, finding }) => ({
      ...{ claim, where },
      ...(finding(found) ?? { measured: `not yet: \`prorec reproduce ${target}\``, verdict: "open" }),
    }));
    const rows = data.map(
      ({ claim, where, measured, verdict }) => `| ${claim} (${where}) | ${measured} | **${verdict}** |`,
    );
    const markdown = `Written by \`prorec reproduce claims\` from the same cells as [reproduction.md](reproduction.md), where the protocol of each is
told. "Holds" and "does not hold" are about our data and our tuned baselines, at the 5% level after Holm's correction
where there is a test.

| the paper says | measured | verdict |
|---|---|---|
${rows.join("\n")}
`;
    return { markdown, data, pictures: {} };
  },
};
