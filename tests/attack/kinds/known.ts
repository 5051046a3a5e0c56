import { parseRtmpUrl, publishRtmp, type RtmpPublisher } from "../../../src/probe/rtmp-client.ts";
import { SignalingClient } from "../../../src/probe/signaling-client.ts";
import { encodeChunks } from "../../../src/protocols/rtmp/chunk-encoder.ts";
import { MessageType } from "../../../src/protocols/rtmp/message.ts";
import { PASSWORD } from "../../e2e/calls/two-people.ts";
import { type Attack, type Attacks, USERS } from "../attack.ts";
import { invite } from "../live-calls.ts";
import { frame, ping, rtmpCommand, rtmpLogin, rtmpPing, times, upgrade } from "../messages.ts";
import { flood } from "../sockets.ts";

/** As many as may play one stream, less the one who listens. */
const PLAYERS = 7;

/** Players with the right token, who send what is small and dear. */
function playersOverWebSocket(more: () => Uint8Array): Attack {
  return ({ ports, live }, untilMs) => {
    const { pathname, search } = new URL(live.pull);
    return flood(ports.flv, PLAYERS, untilMs, () => upgrade(`${pathname}.flv${search}`), more);
  };
}

const smallCommands = times(
  Buffer.concat([rtmpPing(), rtmpCommand("createStream", null), rtmpCommand("pause", null, true, 0)]),
  80,
);
const manyPings = times(ping(), 3_000);
const manyTexts = times(frame("x"), 3_000);

const FRAMES_AT_ONCE = 100;
const MOST_UNSENT_BYTES = 1_000_000;
/** A-law, 8 kHz, and no sample. */
const EMPTY_SOUND = Uint8Array.of(0x72);

/** Somebody in a call publishes tens of thousands of empty frames a second. */
async function publishEmptyFrames({ ports }: Parameters<Attack>[0], untilMs: number): Promise<void> {
  await using client = await SignalingClient.connect({
    url: `ws://127.0.0.1:${ports.signaling}/`,
    user: USERS.texter,
  });
  await client.register(PASSWORD);
  const { sessionid, push } = await invite(client, "9196").catch(() => ({ sessionid: "", push: "" }));
  // A busy gateway takes no call, and then there is nothing to attack.
  if (push === "") return;
  while (performance.now() < untilMs) {
    // Whoever floods is disconnected, and comes back.
    const end = Promise.withResolvers<void>();
    const publisher = await publishRtmp(parseRtmpUrl(push), () => end.resolve()).catch(() => undefined);
    if (publisher !== undefined) await Promise.race([end.promise, sendEmptyFrames(publisher, untilMs)]);
    publisher?.close();
    await Bun.sleep(1);
  }
  await client.bye(sessionid);
}

async function sendEmptyFrames(publisher: RtmpPublisher, untilMs: number): Promise<void> {
  for (let count = 0; performance.now() < untilMs; count += FRAMES_AT_ONCE) {
    if (publisher.pendingByteCount < MOST_UNSENT_BYTES) publisher.sendRaw(emptyFrames(publisher, count));
    await Bun.sleep(0);
  }
}

function emptyFrames({ streamId }: RtmpPublisher, from: number): Uint8Array {
  const frames = Array.from({ length: FRAMES_AT_ONCE }, (_, n) =>
    encodeChunks(
      { chunkStreamId: 4, typeId: MessageType.audio, streamId, timestampMs: from + n, payload: EMPTY_SOUND },
      4096,
    ),
  );
  return Buffer.concat(frames);
}

/** By those who have shown a token. */
export const OF_KNOWN: Attacks = {
  "pings and commands of RTMP players": ({ ports, live }, untilMs) => {
    const { pathname, search } = new URL(live.pull);
    const name = `${pathname.split("/").at(-1)}${search}`;
    return flood(
      ports.rtmp,
      PLAYERS,
      untilMs,
      () => rtmpLogin("play", name),
      () => smallCommands,
    );
  },
  "pings of players on WebSockets": playersOverWebSocket(() => manyPings),
  "texts of players on WebSockets": playersOverWebSocket(() => manyTexts),
  "empty frames of a publisher": publishEmptyFrames,
};
