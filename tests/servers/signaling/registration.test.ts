import { expect, test } from "bun:test";
import { createLogger } from "../../../src/log.ts";
import { Registration } from "../../../src/servers/signaling/registration.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";

const PROFILE = {
  version: "1.0",
  appname: "wx",
  protoname: "rtmp",
  host: "gw.example",
  isSecure: false,
  address: "192.0.2.1",
} as const;

test("a client that never answers is logged once, and again only after it has answered", () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLogger({ level: "warn", write: (line) => void lines.push(line), clock });
  const client = new Registration("lihao", PROFILE, 0, clock, log);
  client.socket = { from: "", lastFrameMs: 0, unsentByteCount: 0, send() {}, close() {} };
  const leaveUnanswered = (sessionid: string) => {
    client.send({ method: "bye", sessionid, data: {} });
    for (let repeat = 0; repeat < 6; repeat++) {
      clock.advance(2_000);
      client.flush();
    }
    expect(client.waitingCount).toBe(0);
  };
  leaveUnanswered("s1");
  leaveUnanswered("s2");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("signaling.request-unanswered");
  expect(lines[0]).toContain("1.0");
  const { version, appname, protoname } = PROFILE;
  const data = { code: "200ok", msg: "OK" };
  client.settle({
    type: "response",
    method: "bye",
    sessionid: "s",
    order: 9,
    version,
    appname,
    protoname,
    data,
  });
  leaveUnanswered("s3");
  expect(lines).toHaveLength(2);
});
