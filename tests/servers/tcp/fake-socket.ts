import type { ByteSink } from "../../../src/servers/tcp/outbound.ts";

/** A socket that takes as much as it is told to; the kernel knows nothing of its descriptor. */
export class FakeSocket implements ByteSink {
  readonly fd = -1;
  readonly taken: number[] = [];
  /** Bytes that it still takes; -1 once the peer is gone. */
  room = Number.POSITIVE_INFINITY;
  isShutDown = false;
  isTerminated = false;

  write(bytes: Uint8Array): number {
    if (this.room < 0) return -1;
    const count = Math.min(this.room, bytes.length);
    this.taken.push(...bytes.subarray(0, count));
    this.room -= count;
    return count;
  }

  shutdown(): void {
    this.isShutDown = true;
  }

  terminate(): void {
    this.isTerminated = true;
  }
}
