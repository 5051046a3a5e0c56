import { dlopen, FFIType, ptr } from "bun:ffi";

const CLOCK_REALTIME = 0;
/** asm-generic/sockios.h: when the packet came that the program took last; the first time it only begins to count. */
const SIOCGSTAMPNS = 0x8907n;
/** Over a buffer of its own: Bun 1.4.5 moves the memory of a small typed array made without one, from under its pointer. */
const timespec = new BigInt64Array(new ArrayBuffer(16));
const timespecAt = ptr(timespec);
const { symbols: libc } = dlopen("libc.so.6", {
  clock_gettime: { args: [FFIType.i32, FFIType.ptr], returns: FFIType.i32 },
  ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
});

/** Milliseconds of the clock that the kernel stamps packets by, the same in every process. */
export function realtimeMs(): number {
  libc.clock_gettime(CLOCK_REALTIME, timespecAt);
  return readMs();
}

/**
 * When the kernel had the datagram that was read last, so that a late reader's own lateness is not in it. Of several
 * that were read at once all get the last one's time: that needs a reader later than their distance, 20 ms.
 */
export function arrivalMs(fd: number): number {
  return libc.ioctl(fd, SIOCGSTAMPNS, timespecAt) === 0 ? readMs() : realtimeMs();
}

function readMs(): number {
  return Number(timespec[0]) * 1e3 + Number(timespec[1]) / 1e6;
}
