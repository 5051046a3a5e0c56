import { systemClock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import { type FromThread, READ, type ToThread } from "./messages.ts";
import { createThreadLog } from "./thread-log.ts";
import { VoiceDesk } from "./voice-desk.ts";

/** Where a voice thread begins. */
declare const self: Worker;

const tell = (message: FromThread): void => self.postMessage(message);
let desk: VoiceDesk | undefined;

self.onmessage = ({ data }: MessageEvent<ToThread>) => {
  if (data !== READ && data.do === "begin") desk = new VoiceDesk(data, systemClock, tell);
  else desk?.handle(data).catch(report);
};

/** A bug costs only what it was about, as on the main thread. */
function report(thrown: unknown): void {
  createThreadLog(tell).error("bug", { reason: messageOf(thrown) });
}
process.on("uncaughtException", report);
process.on("unhandledRejection", report);
