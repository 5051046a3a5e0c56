const POLL_MS = 2;
/** Costs nothing where the condition comes true, and a busy machine needs it. */
const DEADLINE_MS = 15_000;

type Present<T> = NonNullable<Exclude<T, false>>;

/**
 * Polls until `condition` gives something other than undefined, null or false, and returns that. The only sleep
 * that tests may use: it ends as soon as the condition holds, and fails loudly when it never does.
 * @param what names the condition in the error, as in "waited 15000 ms for the second player"
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs = DEADLINE_MS,
): Promise<Present<T>> {
  const startedMs = performance.now();
  for (;;) {
    const value = await condition();
    if (isThere(value)) return value;
    if (performance.now() - startedMs > deadlineMs) throw new Error(`waited ${deadlineMs} ms for ${what}`);
    await Bun.sleep(POLL_MS);
  }
}

/** Rejects when `promise` takes longer than `deadlineMs`; what it does goes on, only the waiting ends. */
export async function within<T>(what: string, promise: Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${deadlineMs} ms for ${what}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function isThere<T>(value: T): value is Present<T> {
  return value !== undefined && value !== null && value !== false;
}
