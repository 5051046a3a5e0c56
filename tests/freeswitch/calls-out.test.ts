import { describe, expect, test } from "bun:test";
import type { DialWay, Telephony } from "../../src/calls/ports.ts";
import { chooseWay, createSwitch } from "../../src/freeswitch/calls-out.ts";
import { chooseTelephony } from "../../src/freeswitch/driver.ts";
import { ModuleTelephony } from "../../src/freeswitch/module-telephony.ts";
import type { CallRequest } from "../../src/freeswitch/originate.ts";
import { createLogger } from "../../src/log.ts";

const CALL = { session: "call-1", number: "138", callerNumber: "lihao", callerName: "lihao" };

function open(usualWay: DialWay, problem?: string) {
  const requests: CallRequest[] = [];
  const client = {
    problem,
    seemsGone: problem !== undefined,
    askedCount: 0,
    ask: () => void client.askedCount++,
    placeCall(request: CallRequest) {
      requests.push(request);
      return { ourLegId: "a", hangUp: () => {} };
    },
  };
  const isAt = (address: string) => address === "192.0.2.9";
  const options = { client, isAt, usualWay, context: "from-apps", ringTimeoutSeconds: 41 };
  const telephoneSwitch = createSwitch({ ...options, codecs: ["L16", "PCMU", "PCMA"] });
  const place = (via: DialWay | undefined) => {
    telephoneSwitch.placeCall({ ...CALL, via }, () => {});
    return requests.at(-1);
  };
  return { telephoneSwitch, client, place };
}

const byGateway = (gateway: string) =>
  ({ kind: "gateway", gateway, number: "138", ringTimeoutSeconds: 41 }) as const;
const byDialplan = { kind: "dialplan", number: "138", context: "from-apps" } as const;

describe("the way out", () => {
  test("of [server] use_callout", () => {
    expect(chooseWay(true, "gw1")).toEqual({ gateway: "gw1" });
    expect(chooseWay(false, "gw1")).toBe("dialplan");
    expect(chooseWay(true, undefined)).toBe("dialplan");
  });

  test("is the usual one, unless the call names another", () => {
    const gateway = open({ gateway: "gw1" });
    expect(gateway.place(undefined)?.route).toEqual(byGateway("gw1"));
    expect(gateway.place({ gateway: "gw2" })?.route).toEqual(byGateway("gw2"));
    expect(gateway.place("dialplan")?.route).toEqual(byDialplan);
    const dialplan = open("dialplan");
    expect(dialplan.place(undefined)?.route).toEqual(byDialplan);
    expect(dialplan.place({ gateway: "gw2" })?.route).toEqual(byGateway("gw2"));
  });

  test("takes the call as it is, with the codecs as FreeSWITCH names them", () => {
    expect(open("dialplan").place(undefined)).toMatchObject({
      session: "call-1",
      callerNumber: "lihao",
      callerName: "lihao",
      codecs: ["L16@16000h", "PCMU", "PCMA"],
    });
  });

  test("is closed while there is no link", () => {
    expect(open("dialplan").telephoneSwitch.problem).toBeUndefined();
    expect(open("dialplan", "esl.wrong-password").telephoneSwitch.problem).toBe("NETWORK_OUT_OF_ORDER");
  });

  test("seems to be gone when its client says so, which is what is asked", () => {
    const { telephoneSwitch, client } = open("dialplan");
    expect(telephoneSwitch.seemsGone).toBe(false);
    expect(open("dialplan", "esl.closed").telephoneSwitch.seemsGone).toBe(true);
    telephoneSwitch.ask();
    expect(client.askedCount).toBe(1);
    expect(["192.0.2.9", "192.0.2.8"].map((address) => telephoneSwitch.isAt(address))).toEqual([true, false]);
  });
});

test("the driver decides who dials", () => {
  const dial = () => {
    throw new Error("not to be dialled");
  };
  const exchange: Telephony = { problem: undefined, dial };
  const client = { problem: undefined, hasModule: async () => true, placeModuleCall: dial };
  const log = createLogger({ level: "error", write: () => {} });
  const options = { client, usualWay: "dialplan", callerNumber: undefined, log } as const;
  expect(chooseTelephony("sip", exchange, options)).toBe(exchange);
  expect(chooseTelephony("module", exchange, options)).toBeInstanceOf(ModuleTelephony);
});
