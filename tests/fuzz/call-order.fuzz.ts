import { buildOriginate } from "../../src/freeswitch/originate.ts";
import { joinCommand } from "../../src/protocols/nway-api/command.ts";
import { readOrderJson, readOrderText } from "../../src/servers/http/call-order.ts";
import type { FuzzTarget } from "./fuzz.ts";

const decoder = new TextDecoder();
const URLS = "rtmp://h/live/up rtmp://h/live/down?a=b";

/** An order as text or JSON: what is taken becomes one command of nine words, and one originate, and nothing else. */
export const target: FuzzTarget = {
  name: "call-order",
  seeds: [
    `nway_wx_api c-1 lihao gw1 13800000000 welcome.wav welcome.h264 ${URLS} nway.com.cn`,
    `- 李浩 - +86*#a.b_c-d - - ${URLS}\r\n`,
    '{"uuid":"c_2","caller_name":"a+b","destination_number":"9196","push_url":"https://[::1]:1/x.flv"}',
    '{"destination_number":"1","gateway":"-","welcome_wav":"a-b.wav","realm":"[::1]:18123"}',
  ].map((text) => new TextEncoder().encode(text)),
  run(input) {
    const text = decoder.decode(input);
    for (const order of [readOrderText(text), readOrderJson(text)]) {
      if ("problem" in order) continue;
      const command = joinCommand(order);
      if (!/^nway_wx_api(?: [^\s\p{Cc}{},;|<>$`'"\\]+){9}$/u.test(command)) throw new Error(command);
      if (order.gateway !== undefined)
        checkOriginate(order.destination_number, order.gateway, order.caller_name);
    }
  },
};

function checkOriginate(number: string, gateway: string, callerName = "anonymous"): void {
  const route = { kind: "gateway", farLegId: FAR, gateway, number, ringTimeoutSeconds: 30 } as const;
  const command = buildOriginate({
    ourLegId: OURS,
    session: "call-1",
    sipProfile: "internal",
    sipAddress: "127.0.0.1:25560",
    callerNumber: "anonymous",
    callerName,
    codecs: ["PCMA"],
    route,
  });
  if (!/^originate \{[^{}\s]+\}sofia\/\S+ &bridge\(\{[^{}\s]+\}sofia\/gateway\/[^{}\s()]+\)$/.test(command)) {
    throw new Error(command);
  }
}

const OURS = "7643f1fb-a07e-4f5f-9cea-e9563950c6fc";
const FAR = "83fe0f3a-c88b-4145-8db2-8106af19a19e";
