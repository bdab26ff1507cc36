/** Part of the matrix, users and items by their places. */
export interface Part {
  readonly users: readonly [from: number, to: number];
  readonly items: readonly [from: number, to: number];
}

/** Bins of a part, row-major. */
export interface Layers {
  readonly part: Part;
  readonly columns: number;
  readonly rows: number;
  readonly counts: Uint32Array;
  readonly flagged: Uint32Array;
  readonly weights: Float32Array;
  /** Where each bin is one pair: 1 for pairs preferred but not clicked. */
  readonly preferred: Uint8Array | undefined;
}

export interface Colours {
  readonly empty: string;
  readonly kept: string;
  readonly flagged: string;
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return { empty: of("--sunken"), kept: of("--kept-area"), flagged: of("--flagged-area") };
}

/** Boxes of at least so many pixels have gaps between them. */
const BOXES = 6;

/** Draws bins where they lie in `part`; those of another part are moved and scaled until the right ones come. */
export function draw(
  canvas: HTMLCanvasElement,
  { width, height }: { width: number; height: number },
  part: Part,
  layers: Layers,
  shown: "labels" | "before" | "after",
  { empty, kept, flagged }: Colours,
): void {
  const density = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== width * density || canvas.height !== height * density) {
    canvas.width = width * density;
    canvas.height = height * density;
  }
  const context = canvas.getContext("2d")!;
  context.setTransform(density, 0, 0, density, 0, 0);
  context.globalAlpha = 1;
  context.fillStyle = empty;
  context.fillRect(0, 0, width, height);

  const binUsers = (layers.part.users[1] - layers.part.users[0]) / layers.rows;
  const binItems = (layers.part.items[1] - layers.part.items[0]) / layers.columns;
  const perUser = height / (part.users[1] - part.users[0]);
  const perItem = width / (part.items[1] - part.items[0]);
  const boxWidth = binItems * perItem;
  const boxHeight = binUsers * perUser;
  const gap = Math.min(boxWidth, boxHeight) >= BOXES ? 1 : 0;
  const pairs = binUsers * binItems;
  // A bin of many pairs is fainter the fewer of them are clicks.
  const densest = pairs <= 1 ? 1 : Math.max(1, quantile(layers.counts));
  for (let row = 0; row < layers.rows; row++) {
    const y = (layers.part.users[0] + row * binUsers - part.users[0]) * perUser;
    if (y + boxHeight < 0 || y > height) continue;
    for (let column = 0; column < layers.columns; column++) {
      const bin = row * layers.columns + column;
      const clicks = layers.counts[bin]!;
      const preferred = layers.preferred?.[bin] === 1;
      if (clicks === 0 && !preferred) continue;
      const x = (layers.part.items[0] + column * binItems - part.items[0]) * perItem;
      const box = [x, y, Math.max(0.75, boxWidth - gap), Math.max(0.75, boxHeight - gap)] as const;
      if (clicks === 0) {
        context.globalAlpha = 1;
        context.strokeStyle = kept;
        context.strokeRect(box[0] + 1, box[1] + 1, box[2] - 2, box[3] - 2);
        continue;
      }
      const crowd = Math.min(1, 0.25 + (0.75 * clicks) / densest);
      const noise = layers.flagged[bin]! / clicks;
      if (shown === "labels") {
        context.globalAlpha = crowd;
        context.fillStyle = noise > 0.5 ? flagged : kept;
      } else {
        const weight = shown === "before" ? 1 : Math.min(1, layers.weights[bin]! / clicks);
        context.globalAlpha = crowd * (0.12 + 0.88 * weight ** 2);
        context.fillStyle = kept;
      }
      context.fillRect(...box);
    }
  }
  context.globalAlpha = 1;
}

/** A count that few bins exceed. */
function quantile(counts: Uint32Array): number {
  const present = counts.filter((count) => count > 0).sort();
  return present[Math.floor(present.length * 0.98)] ?? 1;
}
