import { beforeEach, describe, expect, test } from "bun:test";
import type { AmfValue } from "../../../src/codecs/amf0/amf0.ts";
import { ChunkDecoder } from "../../../src/protocols/rtmp/chunk-decoder.ts";
import { type Command, decodeCommand } from "../../../src/protocols/rtmp/command.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { type CommandTarget, runCommand } from "../../../src/servers/rtmp/commands.ts";
import { errorCodeOf } from "../../protocols/error-code.ts";

class FakeTarget implements CommandTarget {
  app = "live";
  freeStreamCount = 8;
  readonly done: string[] = [];
  readonly replies: Command[] = [];
  readonly otherReplyTypes: number[] = [];
  readonly #decoder = new ChunkDecoder();

  send(bytes: Uint8Array): void {
    this.#decoder.push(bytes, (message) => {
      if (message.typeId === MessageType.commandAmf0) this.replies.push(decodeCommand(message));
      else this.otherReplyTypes.push(message.typeId);
    });
  }

  publish(streamId: number, name: string): void {
    this.done.push(`publish ${streamId} ${name}`);
  }

  play(streamId: number, name: string): void {
    this.done.push(`play ${streamId} ${name}`);
  }

  createStream(): number | undefined {
    return this.freeStreamCount > 0 ? 9 - this.freeStreamCount-- : undefined;
  }

  closeStream(streamId: number): void {
    this.done.push(`close ${streamId}`);
  }

  deleteStream(streamId: number): void {
    this.done.push(`delete ${streamId}`);
  }

  unpublish(name: string): void {
    this.done.push(`unpublish ${name}`);
  }
}

let target: FakeTarget;
beforeEach(() => {
  target = new FakeTarget();
});

function run(name: string, transactionId: number, ...args: AmfValue[]): void {
  runCommand(target, { name, transactionId, args }, 1);
}

function replyNames(): string[] {
  return target.replies.map(({ name, transactionId }) => `${name} ${transactionId}`);
}

describe("connect", () => {
  test("is answered with window, bandwidth and the result", () => {
    target.app = "";
    run("connect", 1, { app: "live", tcUrl: "rtmp://127.0.0.1/live" });
    expect(target.app).toBe("live");
    expect(target.otherReplyTypes).toEqual([MessageType.windowAckSize, MessageType.setPeerBandwidth]);
    expect(replyNames()).toEqual(["_result 1"]);
    expect(target.replies[0]?.args[1]).toMatchObject({
      code: "NetConnection.Connect.Success",
      objectEncoding: 0,
    });
  });

  test.each<{ args: AmfValue[] }>([
    ...[{ args: [] }, { args: [null] }, { args: [{}] }, { args: [{ app: "" }] }, { args: [{ app: 7 }] }],
    ...[{ args: [["live"]] }, { args: [new Date(0)] }, { args: ["live"] }],
  ])("without a name of an application is refused (%#)", ({ args }) => {
    target.app = "";
    expect(errorCodeOf(() => run("connect", 1, ...args))).toBe("rtmp.connect-without-app");
    expect(replyNames()).toEqual(["_error 1"]);
    expect(target.replies[0]?.args[1]).toMatchObject({ code: "NetConnection.Connect.Rejected" });
  });

  test("must come first", () => {
    target.app = "";
    expect(errorCodeOf(() => run("createStream", 2, null))).toBe("rtmp.not-connected");
  });
});

test("a message stream is created while one is free; then the command fails, and nothing else", () => {
  for (let count = 1; count <= 9; count++) run("createStream", count, null);
  expect(target.replies.slice(0, 8).map(({ args }) => args[1])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(replyNames().at(-1)).toBe("_error 9");
});

test("publish and play need a name; who announces may have none", () => {
  run("publish", 0, null, "key?token=t", "live");
  run("play", 0, null, "key", -2000);
  expect(target.done).toEqual(["publish 1 key?token=t", "play 1 key"]);
  for (const name of ["publish", "play"]) {
    expect(errorCodeOf(() => run(name, 0, null, false))).toBe("rtmp.name-expected");
  }
  for (const name of ["FCPublish", "FCUnpublish", "FCSubscribe"]) run(name, 0, null);
  expect(replyNames()).toEqual(["onFCPublish 0", "onFCUnpublish 0", "onFCSubscribe 0"]);
});

test("deleteStream names the stream to delete, else it is the one it came on", () => {
  run("deleteStream", 0, null, 7);
  run("deleteStream", 0, null);
  expect(target.done).toEqual(["delete 7", "delete 1"]);
});

type Case = { name: string; transactionId: number; replies: string[]; done: string[] };

/** What encoders send before and after they publish, and wait for an answer to. */
test.each<Case>([
  { name: "releaseStream", transactionId: 2, replies: ["_result 2"], done: [] },
  { name: "FCPublish", transactionId: 3, replies: ["onFCPublish 0", "_result 3"], done: [] },
  { name: "FCPublish", transactionId: 0, replies: ["onFCPublish 0"], done: [] },
  { name: "FCSubscribe", transactionId: 0, replies: ["onFCSubscribe 0"], done: [] },
  {
    name: "FCUnpublish",
    transactionId: 6,
    replies: ["onFCUnpublish 0", "_result 6"],
    done: ["unpublish key?token=secret"],
  },
  { name: "deleteStream", transactionId: 7, replies: [], done: ["delete 1"] },
  { name: "closeStream", transactionId: 0, replies: [], done: ["close 1"] },
  { name: "_checkbw", transactionId: 4, replies: ["_result 4"], done: [] },
  { name: "getStreamLength", transactionId: 5, replies: ["_result 5"], done: [] },
  { name: "pause", transactionId: 0, replies: ["onStatus 0"], done: [] },
  { name: "seek", transactionId: 0, replies: ["onStatus 0"], done: [] },
])("$name with transaction $transactionId", ({ name, transactionId, replies, done }) => {
  run(name, transactionId, null, "key?token=secret");
  expect(replyNames()).toEqual(replies);
  expect(target.done).toEqual(done);
  expect(JSON.stringify(target.replies)).not.toContain("secret");
});

describe("an unknown command", () => {
  test.each(["unknown", "__proto__", "constructor", "toString", ""])("%j is refused if asked for", (name) => {
    run(name, 9, null);
    expect(replyNames()).toEqual(["_error 9"]);
    expect(target.replies[0]?.args[1]).toMatchObject({ code: "NetConnection.Call.Failed" });
  });

  test("that expects no answer gets none, and neither do answers", () => {
    run("unknown", 0, null);
    for (const name of ["_result", "_error", "onStatus"]) run(name, 1, null);
    expect(target.replies).toEqual([]);
    expect(target.done).toEqual([]);
  });
});
