const whole = new Intl.NumberFormat("en");

export function count(value: number): string {
  return whole.format(value);
}

/** A share as a percentage, never rounded up to all or down to nothing. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "<0.1%";
  if (value < 100 && value > 99.9) return ">99.9%";
  return `${value.toFixed(value < 10 && value !== 0 ? 1 : 0)}%`;
}

/** Three digits; very small ones as a power of ten. */
export function number(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return value === 0 ? "0" : "–";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return power(value, 1);
  return whole.format(Number(value.toPrecision(3))) === "0"
    ? value.toPrecision(2)
    : String(Number(value.toPrecision(3)));
}

/** How well a match meets its threshold: 0.12×; below 1 never rounded up to it. */
export function times(margin: number): string {
  if (!Number.isFinite(margin)) return "–";
  if (margin === 0) return "0×";
  if (margin < 0.001) return `${power(margin, 0)}×`;
  if (margin >= 100) return `${count(Math.round(margin))}×`;
  const digits = margin >= 10 ? 3 : margin >= 0.1 ? 2 : 1;
  return `${margin < 1 ? Math.min(0.99, Number(margin.toPrecision(digits))) : margin.toPrecision(digits)}×`;
}

/** 0.00000003 as 3·10⁻⁸ */
function power(value: number, digits: number): string {
  const [factor, exponent] = value.toExponential(digits).split("e");
  return `${factor!.replace("-", "−")}·${tenTo(Number(exponent))}`;
}

/** 1.5 GB */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const value = size / 1000 ** unit;
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** 10⁻⁸ */
export function tenTo(exponent: number): string {
  const raised = String(Math.abs(exponent)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!);
  return `10${exponent < 0 ? "⁻" : ""}${raised}`;
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
