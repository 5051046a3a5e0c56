import { describe, expect, test } from "bun:test";
import { plainReach, StreamUrls } from "../../src/calls/stream-urls.ts";

const HOST = "gw.example";
const SECURE = { host: HOST, isSecure: true, appname: "hd-machine" };

function open(choice?: "follow" | "rtmp" | "rtmps", base = "") {
  const secure = choice && { rtmpsPort: () => 1936, choice, defaultAppname: "wechat" };
  return new StreamUrls({ pushBase: base, pullBase: base, rtmpPort: () => 1935, ...(secure && { secure }) });
}

describe("who gets encrypted streams", () => {
  const PLAIN_URL = `rtmp://${HOST}:1935/live/k?token=t`;
  const SECURE_URL = `rtmps://${HOST}:1936/live/k?token=t`;

  test.each([
    ["who came over wss", "follow", SECURE, SECURE_URL],
    ["who came over ws", "follow", { ...SECURE, isSecure: false }, PLAIN_URL],
    ["a mini-program over wss", "follow", { ...SECURE, appname: "wx" }, PLAIN_URL],
    ["who does not say what it is, over wss", "follow", { ...SECURE, appname: "" }, PLAIN_URL],
    ["an order", "follow", plainReach(HOST), PLAIN_URL],
    ["everybody", "rtmps", plainReach(HOST), SECURE_URL],
    ["nobody", "rtmp", SECURE, PLAIN_URL],
    ["nobody without a certificate", undefined, SECURE, PLAIN_URL],
  ] as const)("%s with %s", (_, choice, reach, url) => {
    expect(open(choice).push(reach, "k", "t")).toBe(url);
    expect(open(choice).pull(reach, "k", "t")).toBe(url);
  });

  test("a base that the settings name stays", () => {
    expect(open("rtmps", "rtmp://cdn.example/in").push(SECURE, "k", "t")).toBe(
      "rtmp://cdn.example/in/k?token=t",
    );
  });
});

test("clients may name streams under either address", () => {
  const urls = open("follow");
  expect(urls.findKey(HOST, `rtmps://${HOST}:1936/live/own`)).toBe("own");
  expect(urls.findKey(HOST, `rtmp://${HOST}:1935/live/own`)).toBe("own");
  expect(urls.findKey(HOST, `rtmps://${HOST}:1935/live/own`)).toBeUndefined();
  expect(open().findKey(HOST, `rtmps://${HOST}:1936/live/own`)).toBeUndefined();
});
