const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** How fast `done` of `total` went by in `ms` milliseconds and how long the rest takes at that rate; "" too early to say. */
export function pace(done: number, total: number, ms: number): string {
  if (done <= 0 || ms < 500) return "";
  const perSecond = (1000 * done) / ms;
  return `${COMPACT.format(perSecond)}/s, ${duration((total - done) / perSecond)} left`;
}

/** Seconds in words: `4 s`, `2 min 5 s`, `1 h 3 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
