import { dlopen, FFIType, ptr } from "bun:ffi";
import { constants, openSync, readSync, writeSync } from "node:fs";

/**
 * A network with delay, jitter and loss, for kernels without netem: two TUN devices, the second in a network
 * namespace, and packets carried between them late, in order, and not all of them. Says "ready" once both are there.
 * `link-emulator.ts OUTSIDE_DEVICE NAMESPACE INSIDE_DEVICE DELAY_MS JITTER_MS LOSS_SHARE SEED`
 */
const [outsideName = "", namespace = "", insideName = "", ...numbers] = process.argv.slice(2);
const [delayMs = 0, jitterMs = 0, lossShare = 0, seed = 1] = numbers.map(Number);

type Direction = { readonly from: number; readonly to: number; readonly due: Packet[] };
type Packet = { readonly atMs: number; readonly bytes: Uint8Array };

// linux/sched.h, linux/if_tun.h, linux/if.h, poll.h
const CLONE_NEWNET = 0x4000_0000;
const TUNSETIFF = 0x4004_54ca;
const IFF_TUN_WITHOUT_INFO = 0x1001;
const IFNAMSIZ = 16;
const POLLIN = 1;
const MAX_PACKET_BYTES = 65_536;

const { symbols: libc } = dlopen("libc.so.6", {
  ioctl: { args: [FFIType.i32, FFIType.u64, FFIType.ptr], returns: FFIType.i32 },
  setns: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
  poll: { args: [FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
});

const outside = openTun(outsideName);
if (libc.setns(openSync(`/run/netns/${namespace}`, "r"), CLONE_NEWNET) !== 0) throw new Error("setns failed");
const inside = openTun(insideName);
process.stdout.write("ready\n");

const directions: Direction[] = [
  { from: outside, to: inside, due: [] },
  { from: inside, to: outside, due: [] },
];
const buffer = new Uint8Array(MAX_PACKET_BYTES);
const polled = new Int16Array(directions.length * 4);
let random = seed;

for (;;) {
  waitForPacket();
  directions.forEach((direction, index) => {
    if (((polled[index * 4 + 3] ?? 0) & POLLIN) !== 0) take(direction);
    deliver(direction);
  });
}

function openTun(name: string): number {
  const fd = openSync("/dev/net/tun", constants.O_RDWR);
  const request = new Uint8Array(40);
  request.set(new TextEncoder().encode(name));
  new DataView(request.buffer).setUint16(IFNAMSIZ, IFF_TUN_WITHOUT_INFO, true);
  if (libc.ioctl(fd, BigInt(TUNSETIFF), ptr(request)) !== 0) throw new Error(`no TUN device ${name}`);
  return fd;
}

/** struct pollfd is a 32-bit descriptor, the events asked for, the events that are there. */
function waitForPacket(): void {
  directions.forEach(({ from }, index) => {
    polled.set([from, 0, POLLIN, 0], index * 4);
  });
  const nextMs = Math.min(...directions.map(({ due }) => due[0]?.atMs ?? Number.POSITIVE_INFINITY));
  const waitMs =
    nextMs === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.ceil(nextMs - performance.now()));
  libc.poll(ptr(polled), BigInt(directions.length), waitMs);
}

function take({ from, due }: Direction): void {
  const byteCount = readSync(from, buffer);
  if (nextRandom() < lossShare) return;
  const earliestMs = due.at(-1)?.atMs ?? 0;
  const atMs = Math.max(earliestMs, performance.now() + delayMs + nextRandom() * jitterMs);
  due.push({ atMs, bytes: buffer.slice(0, byteCount) });
}

function deliver({ to, due }: Direction): void {
  for (let first = due[0]; first !== undefined && first.atMs <= performance.now(); first = due[0]) {
    due.shift();
    carry(to, first.bytes);
  }
}

/** A device that is not up yet takes nothing: EIO, and the packet is lost, as on any wire that ends nowhere. */
function carry(to: number, bytes: Uint8Array): void {
  try {
    writeSync(to, bytes);
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EIO")) throw thrown;
  }
}

/** Numerical Recipes' generator: the same losses for the same seed. */
function nextRandom(): number {
  random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
  return random / 0x1_0000_0000;
}
