import { dlopen, FFIType, ptr } from "bun:ffi";

const CLOCK_MONOTONIC = 1;
/** Over a buffer of its own: Bun 1.4.5 moves the memory of a small typed array made without one, from under its pointer. */
const timespec = new BigInt64Array(new ArrayBuffer(16));
const timespecPointer = ptr(timespec);
const { symbols: libc } = dlopen("libc.so.6", {
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
});

/**
 * CLOCK_MONOTONIC, the same in every process. Bun's own clocks, `process.hrtime` among them, start with the process.
 * A double holds it to the nanosecond for 104 days of uptime.
 */
export function monotonicNs(): number {
  libc.clock_gettime(CLOCK_MONOTONIC, timespecPointer);
  return Number(timespec[0]) * 1e9 + Number(timespec[1]);
}
