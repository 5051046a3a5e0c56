import type { CallMedia, CallStream } from "../../src/calls/ports.ts";

/** A stream whose frames a test makes up. */
export class FakeStream implements CallStream {
  frameAtMs: number | undefined;
  source: CallStream | undefined;
  isClosed = false;

  constructor(
    readonly key: string,
    readonly onClose: () => void,
  ) {}

  lastFrameAtMs(): number | undefined {
    return this.frameAtMs;
  }

  relayFrom(source: CallStream): void {
    this.source = source;
  }

  close(): void {
    this.isClosed = true;
    this.onClose();
  }
}

export class FakeMedia implements CallMedia {
  readonly streams = new Map<string, FakeStream>();

  open(key: string): CallStream | undefined {
    if (this.streams.has(key)) return undefined;
    const stream = new FakeStream(key, () => this.streams.delete(key));
    this.streams.set(key, stream);
    return stream;
  }
}
