import { expect, test } from "bun:test";
import { startGateway } from "./gateway.ts";

test("two users talk: invite, ringing, answer, bye", async () => {
  await using gateway = startGateway();
  await using lihao = await gateway.register("lihao");
  await using nway = await gateway.register("nway", { version: "1.0" });

  const { sessionid, response } = await lihao.invite("nway", { caller_audio: "AAC" });
  expect(response.data).toMatchObject({ code: "200ok", msg: "OK", callee_audio: "AAC", callee_video: "" });
  const invite = await nway.nextRequest("invite", sessionid);
  expect(invite.data).toMatchObject({ caller_number: "lihao", callee_number: "nway", caller_audio: "AAC" });
  const ringing = await lihao.nextRequest("message", sessionid);
  expect(ringing.data.event).toBe("ringing");

  expect((await nway.answer(sessionid)).data.code).toBe("200ok");
  const answer = await lihao.nextRequest("answer", sessionid);
  expect(answer.data.callee_audio).toBe("AAC");
  expect(gateway.calls.snapshot()).toMatchObject([{ state: "talking", caller: "lihao", callee: "nway" }]);

  expect((await lihao.bye(sessionid)).data.code).toBe("200ok");
  const bye = await nway.nextRequest("bye", sessionid);
  expect(bye.data).toMatchObject({ code: "200ok", msg: "NORMAL_CLEARING" });
  expect(bye.data.cause).toBeUndefined();
  expect(gateway.calls.size).toBe(0);
});
