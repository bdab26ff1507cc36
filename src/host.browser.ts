/** Lets timers, messages and drawing run. A timer would wait 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(undefined);
  });
}

const waiting: (() => void)[] = [];
const channel = new MessageChannel();
channel.port1.onmessage = () => waiting.shift()!();

export function processors(): number {
  return navigator.hardwareConcurrency;
}

/** Bytes that a tab may well take: half of the machine's, as far as the browser tells. */
export function memory(): { readonly own: number; readonly free: number } {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number };
  return { own: 0, free: deviceMemory * 2 ** 29 };
}

/** What is there before any data, as in Node. */
export const RUNTIME_BYTES = 91e6;

/** What V8 lets the young generation's three halves grow to. */
export const YOUNG_BYTES = 96e6;
