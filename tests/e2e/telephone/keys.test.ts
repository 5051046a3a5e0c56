import { describe, expect, test } from "bun:test";
import { waitFor } from "../../peers/wait.ts";
import { register } from "../calls/two-people.ts";
import { connect, dial, expectNothingLeft, type Laboratory, startLaboratory } from "./laboratory.ts";

/** The keys that the app is told of, until there are so many. */
async function readKeys(app: Laboratory["app"], sessionid: string, count: number): Promise<string> {
  let keys = "";
  while (keys.length < count) {
    const { data } = await app.nextRequest("message", sessionid);
    if (data.event === "dtmf") keys += data.dtmf;
  }
  return keys;
}

describe("keys", () => {
  test("of the app reach the telephone as telephone-events", async () => {
    await using laboratory = await startLaboratory();
    const { app } = laboratory;
    const call = await dial(laboratory);
    await connect(laboratory, call);
    const { sessionid, leg } = call;
    const { data } = await app.request("message", {
      sessionid,
      data: { callee_number: "13800000000", dtmf: "0123456789*#ABCD" },
    });
    expect(data.code).toBe("200ok");
    await waitFor("all keys", () => leg.media.digits === "0123456789*#ABCD", 10_000);
    await app.bye(sessionid);
    await expectNothingLeft(laboratory);
  });

  test("go by INFO both ways where the sound is wide-band", async () => {
    await using laboratory = await startLaboratory({}, { rtp: { codecs: "l16,pcma" } });
    const { app } = laboratory;
    const call = await dial(laboratory);
    await connect(laboratory, call);
    const { sessionid, leg } = call;
    const data = { callee_number: "13800000000", dtmf: "159*#0" };
    expect((await app.request("message", { sessionid, data })).data.code).toBe("200ok");
    await waitFor("all keys", () => leg.dialog.infos.length === 6);
    expect(leg.dialog.infos.map((body) => /^Signal=(.)/.exec(body)?.[1]).join("")).toBe("159*#0");
    for (const digit of "24#") leg.press(digit);
    expect(await readKeys(app, sessionid, 3)).toBe("24#");
    await app.bye(sessionid);
    await expectNothingLeft(laboratory);
  });

  test("that are none are refused", async () => {
    await using laboratory = await startLaboratory();
    const call = await dial(laboratory);
    await connect(laboratory, call);
    const { app } = laboratory;
    for (const dtmf of ["E", "1 2", "\r\nX: y", ""]) {
      const { data } = await app.request("message", {
        sessionid: call.sessionid,
        data: { callee_number: "13800000000", dtmf },
      });
      expect([dtmf, data.code]).toEqual([dtmf, "505"]);
    }
    expect(call.leg.media.digits).toBe("");
  });

  test("of the telephone reach the app, each once, whichever way they come", async () => {
    await using laboratory = await startLaboratory();
    const call = await dial(laboratory);
    await connect(laboratory, call);
    const { leg, sessionid } = call;
    for (const digit of "5#") leg.press(digit);
    expect(await readKeys(laboratory.app, sessionid, 2)).toBe("5#");
    expect(await leg.dialog.info("7")).toBe(200);
    expect(await readKeys(laboratory.app, sessionid, 1)).toBe("7");
    leg.press("9");
    expect(await leg.dialog.info("9")).toBe(200);
    leg.press("1");
    expect(await readKeys(laboratory.app, sessionid, 2)).toBe("91");
    await laboratory.app.bye(sessionid);
    await expectNothingLeft(laboratory);
  });

  test("of the telephone are not told to a 1.0 client", async () => {
    await using laboratory = await startLaboratory();
    await using old = await register(laboratory.gateway, "nway", { version: "1.0" });
    const call = await dial({ app: old, peer: laboratory.peer });
    await connect({ app: old }, call);
    call.leg.press("5");
    expect(await call.leg.dialog.info("7")).toBe(200);
    call.leg.call.hangUpByTelephone();
    await old.nextRequest("bye", call.sessionid);
    const next = await Promise.race([old.nextRequest("message", call.sessionid), Promise.resolve("nothing")]);
    expect(next).toBe("nothing");
    await expectNothingLeft(laboratory);
  });
});
