import { afterEach, beforeEach, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { createLogger } from "../../../src/log.ts";
import type { Subscriber } from "../../../src/media/audience.ts";
import { defineWireFormat } from "../../../src/media/frame.ts";
import { StreamRegistry } from "../../../src/media/stream-registry.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import type { Attachment } from "../../../src/servers/streams/attachment.ts";
import { listenForMedia } from "../../../src/servers/streams/media-listener.ts";
import { INTRODUCE_MEDIA_MS, type MediaServer } from "../../../src/servers/streams/media-server.ts";
import { DeliveryWatch } from "../../../src/servers/tcp/delivery-watch.ts";
import { Places } from "../../../src/servers/tcp/places.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { audioFrame } from "../../media/frames.ts";
import { waitFor } from "../../peers/wait.ts";

let clock: FakeClock;
let log: string;
let server: MediaServer;
let streams: StreamRegistry;
let onReceive: (attachment: Attachment) => void;
let places: Places;

const player: Subscriber = { onFrame: () => undefined, onEnd: () => undefined, droppedFrameCount: () => 0 };

beforeEach(() => {
  clock = new FakeClock();
  log = "";
  places = new Places({ most: 1, introduceMs: INTRODUCE_MEDIA_MS, clock });
  const logger = createLogger({ level: "info", write: (line) => (log += line), clock });
  streams = new StreamRegistry({ clock, log: logger, republishSeconds: 15 });
  const options = {
    host: "127.0.0.1",
    port: 0,
    streams,
    entry: createEntry({ allow: undefined, deny: ["198.51.100.0/24"], trustedProxies: ["127.0.0.1"] }),
    readsForwardedFor: false,
    gate: { authorize: () => undefined },
    delivery: new DeliveryWatch({ clock, log: logger, slowReaderMs: 500 }),
    places,
    lanes: openLanes(clock),
    slowReaderMs: 500,
    maxPlayers: 2,
    clock,
    log: logger,
  };
  server = listenForMedia("odd", options, (attachment) => ({
    receive: () => onReceive(attachment),
    stop: () => attachment.leave(),
  }));
});

afterEach(() => server[Symbol.asyncDispose]());

/** A peer that closes only when it is closed. */
async function connect(): Promise<{ write(text: string): void; readonly isClosed: boolean }> {
  let isClosed = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    allowHalfOpen: true,
    socket: {
      data: () => undefined,
      // Without it Bun closes when the server shuts down
      end: () => undefined,
      error: () => undefined,
      close: () => {
        isClosed = true;
      },
    },
  });
  return {
    write: (text) => void socket.write(text),
    get isClosed() {
      return isClosed;
    },
  };
}

test("what a session begins after its socket closed under it is stopped", async () => {
  let hasReceived = false;
  onReceive = (attachment) => {
    attachment.socket.terminate();
    attachment.play("key", player, {});
    hasReceived = true;
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the bytes", () => hasReceived);
  expect(streams.get("key")?.playerCount).toBe(0);
  streams.closeAll();
  expect(clock.timerCount).toBe(0);
});

test.each([
  ["a peer's mistake", new AppError("peer", "odd.bytes"), " warn odd.failed from=127.0.0.1 reason=odd.bytes"],
  ["a bug", new TypeError("oops"), " error odd.failed from=127.0.0.1 reason=oops"],
])("%s ends its connection and is logged once", async (_, thrown, line) => {
  onReceive = (attachment) => {
    attachment.play("key", player, {});
    throw thrown;
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the line", () => log.includes(line));
  expect([streams.get("key")?.playerCount, peer.isClosed]).toEqual([0, false]);
  clock.advance(1_000);
  await waitFor("the end of the connection", () => peer.isClosed);
  expect(log.split("\n").filter((entry) => entry.includes(line))).toHaveLength(1);
  await waitFor("a place for the next one", () => places.count === 0);
});

test("a bug while the socket drains ends its connection and is logged", async () => {
  onReceive = ({ outbound }) => {
    outbound.format = defineWireFormat(() => {
      throw new TypeError("oops");
    });
    // More than the kernel takes, so that Bun calls `drain` once the peer has read
    outbound.sendControl(new Uint8Array(32 * 1024 * 1024));
    outbound.sendFrame(audioFrame(0));
  };
  const peer = await connect();
  peer.write("a");
  await waitFor("the line", () => log.includes(" error odd.failed from=127.0.0.1 reason=oops"));
  clock.advance(1_000);
  await waitFor("the end of the connection", () => peer.isClosed);
});

test("a connection beyond the limit is closed at once, and one that ends makes room", async () => {
  onReceive = (attachment) => attachment.play("key", player, {});
  const served = await connect();
  served.write("a");
  await waitFor("the first player", () => streams.get("key")?.playerCount === 1);
  const refused = await connect();
  await waitFor("the end of the second", () => refused.isClosed);
  expect(served.isClosed).toBe(false);
  expect(
    log.split("\n").filter((line) => line.includes(" warn odd.too-many-connections from=127.0.0.1 limit=1")),
  ).toHaveLength(1);
  onReceive = ({ socket }) => socket.terminate();
  served.write("b");
  await waitFor("the end of the first", () => served.isClosed);
  onReceive = (attachment) => attachment.play("other", player, {});
  const next = await connect();
  next.write("c");
  await waitFor("the next player", () => streams.get("other")?.playerCount === 1);
});

test.each([
  ["PROXY TCP4 192.0.2.7 127.0.0.1 51422 1935\r\n", "192.0.2.7"],
  ["", "127.0.0.1"],
  ["PROXY UNKNOWN\r\n", "127.0.0.1"],
])(
  "behind a trusted proxy that says %p the peer is at %s, however the bytes are split",
  async (header, address) => {
    const seen: string[] = [];
    onReceive = (attachment) => {
      seen.push(attachment.address);
      attachment.socket.terminate();
    };
    for (let split = 0; split <= header.length; split += 7) {
      const peer = await connect();
      peer.write(header.slice(0, split));
      peer.write(`${header.slice(split)}a`);
      await waitFor("the end", () => peer.isClosed);
      await waitFor("its place", () => places.count === 0);
    }
    expect(new Set(seen)).toEqual(new Set([address]));
  },
);

test("who may not come in is cut off, and so is a proxy that says nothing sensible", async () => {
  onReceive = () => {
    throw new Error("no session was to be made");
  };
  for (const header of ["PROXY TCP4 198.51.100.7 127.0.0.1 51422 1935\r\na", "PROXY nonsense\r\n"]) {
    const peer = await connect();
    peer.write(header);
    await waitFor("the end", () => peer.isClosed);
  }
  expect(log).toContain(" warn odd.failed from=127.0.0.1 reason=");
  expect(log).not.toContain("oops");
});

test("who is connected stays while it does not listen, and it listens again on the same port", async () => {
  onReceive = (attachment) => attachment.play("key", player, {});
  const served = await connect();
  served.write("a");
  await waitFor("the player", () => streams.get("key")?.playerCount === 1);
  server.stopListening();
  await expect(connect()).rejects.toThrow();
  server.listenAgain();
  server.listenAgain();
  const late = await connect();
  await waitFor("no place for it", () => late.isClosed);
  expect(served.isClosed).toBe(false);
});

test("a peer whose session has ended is not read for ever", async () => {
  onReceive = ({ outbound }) => outbound.end();
  const peer = await connect();
  peer.write("a");
  const flood = "x".repeat(64 * 1024);
  await waitFor("the end of the connection", () => {
    peer.write(flood);
    return peer.isClosed;
  });
  expect(clock.timerCount).toBe(0);
});
