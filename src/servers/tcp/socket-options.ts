import { dlopen, FFIType, ptr } from "bun:ffi";
import type { RoundTrips } from "./delivery-probe.ts";
import type { SegmentCounts } from "./reading-probe.ts";

/**
 * What Bun's sockets do not offer and Linux does: how much the peer has not acknowledged yet, and retransmission
 * suited to thin streams. Numbers from asm-generic/socket.h, linux/tcp.h and linux/sockios.h; the same on x64 and arm64.
 */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_BUF_LOCK = 72;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_INFO = 11;
const TCP_THIN_LINEAR_TIMEOUTS = 16;
const TCP_USER_TIMEOUT = 18;
const TCP_RTO_MAX_MS = 44;
const SIOCOUTQ = 0x5411n;
/** Offsets of tcpi_rtt, tcpi_rttvar and tcpi_min_rtt, microseconds, in struct tcp_info. */
const RTT_OFFSET = 68;
const RTT_DEVIATION_OFFSET = 72;
const MIN_RTT_OFFSET = 148;
/** tcpi_segs_in, tcpi_data_segs_out, and tcpi_busy_time in microseconds, 64 bits, since Linux 4.10. */
const SEGMENTS_IN_OFFSET = 140;
const DATA_SEGMENTS_OUT_OFFSET = 156;
const BUSY_TIME_OFFSET = 168;
const NO_SAMPLE = 0xffffffff;

/** Over buffers of their own: Bun 1.4.5 moves the memory of a small typed array made without one, from under its pointer. */
const number = new Int32Array(new ArrayBuffer(4));
const numberAt = ptr(number);
const info = new Uint32Array(new ArrayBuffer(256));
const infoAt = ptr(info);
const infoSize = new Uint32Array(new ArrayBuffer(4));
const infoSizeAt = ptr(infoSize);

/** What a stranger may send before it is looked at; more costs memory, and time to take it in. */
const STRANGERS_BYTES = 16 * 1024;
/** What systems allow at most; they double it. */
const KNOWN_BYTES = 212_992;

/** Undefined on a system without glibc: slow readers are then noticed by their pings and full buffers only. */
const libc = openLibc();

function openLibc() {
  try {
    return dlopen("libc.so.6", {
      setsockopt: {
        args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.u32],
        returns: FFIType.i32,
      },
      getsockopt: {
        args: [FFIType.i32, FFIType.i32, FFIType.i32, FFIType.ptr, FFIType.ptr],
        returns: FFIType.i32,
      },
      ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
    }).symbols;
  } catch {
    return undefined;
  }
}

/**
 * Retransmit a live stream at even intervals, not ever rarer ones, and give up after `deadMs` without an
 * acknowledgement. Kernels that lack an option ignore it.
 */
export function tuneForLiveMedia(fd: number, deadMs: number): void {
  setNumber(fd, IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1);
  setNumber(fd, IPPROTO_TCP, TCP_RTO_MAX_MS, 1000);
  setNumber(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, deadMs);
}

/** Of a listener: the system takes little in of who connects, until `receiveMuch`. */
export function receiveLittle(listenerFd: number): void {
  setNumber(listenerFd, SOL_SOCKET, SO_RCVBUF, STRANGERS_BYTES);
}

/** From now on the system takes in as much as it thinks right. */
export function receiveMuch(fd: number): void {
  setNumber(fd, SOL_SOCKET, SO_RCVBUF, KNOWN_BYTES);
  setNumber(fd, SOL_SOCKET, SO_BUF_LOCK, 0);
}

function setNumber(fd: number, level: number, option: number, value: number): void {
  number[0] = value;
  libc?.setsockopt(fd, level, option, numberAt, 4);
}

/** Bytes written to the socket that its peer has not acknowledged; undefined where the kernel cannot be asked. */
export function unacknowledgedBytes(fd: number): number | undefined {
  if (libc === undefined || libc.ioctl(fd, SIOCOUTQ, numberAt) !== 0) return undefined;
  return number[0];
}

/** What the kernel knows about this connection's round trips; undefined where it cannot be asked. */
export function roundTrips(fd: number): RoundTrips | undefined {
  if (!readInfo(fd, MIN_RTT_OFFSET + 4)) return undefined;
  return {
    usualMs: infoMs(RTT_OFFSET),
    deviationMs: infoMs(RTT_DEVIATION_OFFSET),
    shortestMs: infoMs(MIN_RTT_OFFSET),
  };
}

/** Undefined where the kernel cannot be asked, or is too old to tell. */
export function segmentCounts(fd: number): SegmentCounts | undefined {
  if (!readInfo(fd, BUSY_TIME_OFFSET + 8)) return undefined;
  return {
    sent: infoNumber(DATA_SEGMENTS_OUT_OFFSET),
    acknowledgements: infoNumber(SEGMENTS_IN_OFFSET),
    busyMs: (infoNumber(BUSY_TIME_OFFSET) + infoNumber(BUSY_TIME_OFFSET + 4) * 2 ** 32) / 1000,
    shortestRoundTripMs: infoMs(MIN_RTT_OFFSET),
  };
}

/** Whether small segments wait until the one before is acknowledged (Nagle). Sockets begin without. */
export function gatherSegments(fd: number, gathers: boolean): void {
  setNumber(fd, IPPROTO_TCP, TCP_NODELAY, gathers ? 0 : 1);
}

/** False where the kernel tells less than `byteCount` bytes. */
function readInfo(fd: number, byteCount: number): boolean {
  infoSize[0] = info.byteLength;
  if (libc === undefined || libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, infoAt, infoSizeAt) !== 0)
    return false;
  return (infoSize[0] ?? 0) >= byteCount;
}

function infoNumber(offset: number): number {
  return info[offset / 4] ?? 0;
}

function infoMs(offset: number): number {
  const microseconds = infoNumber(offset);
  return microseconds === NO_SAMPLE ? 0 : microseconds / 1000;
}
