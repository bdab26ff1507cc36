import { corrected, FIRST_DECAY, SECOND_DECAY } from "./adam.ts";
import type { Floats, NetworkKernels } from "./kernels.ts";
import { ITEMS, panelsOf, USERS } from "./panels.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Numbers of the left factor that stay in the cache while the right factor's panels pass by. */
const HELD = 65_536;
/** Numbers that pass through Adam at a time. */
const CHUNK = 4096;
/** Numbers behind a matrix that packing may read. */
const SLACK = 16;

type Section = "left" | "right" | "packedLeft" | "packedRight" | "out";
type Pack = "packRows" | "packColumns";

/** Dense arithmetic on float32 arrays, which are copied into the kernels' memory and back. */
export function wasmNetworks(module: WebAssembly.Module): NetworkKernels {
  const room: Record<Section, number> = { left: 0, right: 0, packedLeft: 0, packedRight: 0, out: 0 };
  let space: Workspace<Section> | undefined;

  /** The workspace with room for so many numbers in each section. */
  function spaceFor(numbers: Partial<Record<Section, number>>): Workspace<Section> {
    for (const [section, count] of Object.entries(numbers) as [Section, number][]) {
      if (count * 4 <= room[section]) continue;
      room[section] = count * 4;
      space = undefined;
    }
    space ??= openWorkspace(module, room);
    return space;
  }

  function product(
    left: { matrix: Floats; count: number; pack: Pack },
    right: { matrix: Floats; count: number; pack: Pack },
    depth: number,
    product: Floats,
  ): void {
    const rows = panelsOf(left.count, USERS);
    const columns = panelsOf(right.count, ITEMS);
    const stride = columns * ITEMS;
    const space = spaceFor({
      left: left.matrix.length + USERS * depth + SLACK,
      right: right.matrix.length + ITEMS * depth + SLACK,
      packedLeft: rows * USERS * depth,
      packedRight: stride * depth,
      out: rows * USERS * stride,
    });
    const { run, at } = space;
    space.floats("left").set(left.matrix);
    space.floats("right").set(right.matrix);
    const strideOf = ({ count, pack }: { count: number; pack: Pack }) =>
      (pack === "packRows" ? depth : count) * 4;
    run[left.pack](at.left, left.count, depth, strideOf(left), USERS, at.packedLeft);
    run[right.pack](at.right, right.count, depth, strideOf(right), ITEMS, at.packedRight);
    const held = Math.max(1, Math.floor(HELD / (USERS * depth)));
    for (let panel = 0; panel < rows; panel += held) {
      run.scoreRows(
        at.packedLeft + panel * USERS * depth * 4,
        Math.min(held, rows - panel),
        at.packedRight,
        columns,
        depth,
        at.out + panel * USERS * stride * 4,
        stride * 4,
      );
    }
    const out = space.floats("out");
    if (stride === right.count) product.set(out.subarray(0, product.length));
    else {
      for (let row = 0; row < left.count; row++) {
        product.set(out.subarray(row * stride, row * stride + right.count), row * right.count);
      }
    }
  }

  /** Hands each row to `work` in the kernels' memory, its padding -Infinity, and takes it back if it was changed. */
  function rowByRow(
    rows: Floats,
    width: number,
    work: (space: Workspace<Section>, row: number) => void,
    changed: boolean,
  ): void {
    const stride = (width + 3) & ~3;
    const space = spaceFor({ out: stride });
    const held = space.floats("out");
    for (let from = 0, row = 0; from < rows.length; from += width, row++) {
      held.set(rows.subarray(from, from + width));
      held.fill(-Infinity, width, stride);
      work(space, row);
      if (changed) rows.set(held.subarray(0, width), from);
    }
  }

  return {
    timesTransposed(left, right, depth, out) {
      product(
        { matrix: left, count: left.length / depth, pack: "packRows" },
        { matrix: right, count: right.length / depth, pack: "packRows" },
        depth,
        out,
      );
    },
    times(left, right, depth, out) {
      product(
        { matrix: left, count: left.length / depth, pack: "packRows" },
        { matrix: right, count: right.length / depth, pack: "packColumns" },
        depth,
        out,
      );
    },
    transposedTimes(left, right, depth, out) {
      product(
        { matrix: left, count: left.length / depth, pack: "packColumns" },
        { matrix: right, count: right.length / depth, pack: "packColumns" },
        depth,
        out,
      );
    },
    sigmoid(values) {
      const space = spaceFor({ out: CHUNK });
      const held = space.floats("out");
      for (let from = 0; from < values.length; from += CHUNK) {
        const count = Math.min(CHUNK, values.length - from);
        held.set(values.subarray(from, from + count));
        space.run.sigmoid(space.at.out, count);
        values.set(held.subarray(0, count), from);
      }
    },
    logSumExp(rows, width) {
      const sums = new Float64Array(rows.length / width);
      const sum = ({ run, at }: Workspace<Section>, row: number) => {
        const peak = run.largestOf(at.out, width);
        sums[row] = peak + Math.log(run.sumExponentials(at.out, width, peak));
      };
      rowByRow(rows, width, sum, false);
      return sums;
    },
    exponentials(rows, width, shifts) {
      rowByRow(rows, width, ({ run, at }, row) => run.exponentials(at.out, width, shifts[row]!), true);
    },
    adam({ values, first, second }, gradient, step) {
      const arrays = { left: values, right: first, packedLeft: second, packedRight: gradient };
      const space = spaceFor({ left: CHUNK, right: CHUNK, packedLeft: CHUNK, packedRight: CHUNK });
      const held = Object.entries(arrays).map(([section, array]) => ({
        array,
        place: space.floats(section as Section),
      }));
      const { at, run } = space;
      const { rate, epsilon } = corrected(step);
      for (let from = 0; from < values.length; from += CHUNK) {
        const count = Math.min(CHUNK, values.length - from);
        for (const { array, place } of held) place.set(array.subarray(from, from + count));
        run.adam(
          ...([at.left, at.right, at.packedLeft, at.packedRight, count, step.scale, step.decay] as const),
          ...([FIRST_DECAY, SECOND_DECAY, rate, epsilon] as const),
        );
        for (const { array, place } of held.slice(0, 3)) array.set(place.subarray(0, count), from);
      }
    },
  };
}
