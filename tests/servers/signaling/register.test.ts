import { describe, expect, test } from "bun:test";
import { type User, unavailable } from "../../../src/users/directory.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";
import { PASSWORD, registerText, startGateway } from "./gateway.ts";
import { openRawClient } from "./raw-client.ts";

const LIHAO: User = { name: "lihao", secret: PASSWORD, enabled: true };

describe("register", () => {
  test("option works before, everything else is 401", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    expect((await client.request("option")).data).toMatchObject({ code: "200ok", msg: "OK" });
    for (const method of ["invite", "answer", "cancel", "bye", "message"] as const) {
      const { data } = await client.request(method, { data: { callee_number: "nway", msg: "x" } });
      expect(data.code).toBe("401");
    }
  });

  test("with version, appname and address it stands in the listing, and the password nowhere", async () => {
    await using gateway = startGateway({ users: ["lihao"] });
    await using client = await gateway.connect("lihao", { appname: "hd-machine", version: "1.0" });
    expect((await client.register("wr0ng-secret")).data).toMatchObject({ code: "401", msg: "bad password" });
    expect((await client.register(PASSWORD)).data.code).toBe("200ok");
    expect(gateway.clients.snapshot()).toMatchObject([
      {
        user: "lihao",
        appname: "hd-machine",
        version: "1.0",
        connected: true,
        from: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
    ]);
    expect(gateway.lines.join("")).not.toMatch(/wr0ng-secret|1234\b.*password/);
  });

  test("repeated failures lock the user out from there, for a while, and nobody else", async () => {
    const clock = new FakeClock();
    await using gateway = startGateway({ clock });
    await using client = await gateway.connect("lihao");
    for (let failure = 0; failure < 5; failure++) {
      expect((await client.register("wrong")).data.code).toBe("401");
    }
    const locked = { code: "403", msg: "locked out after repeated failures" };
    expect((await client.register(PASSWORD)).data).toMatchObject(locked);
    await using neighbour = await gateway.connect("nway");
    expect((await neighbour.register(PASSWORD)).data.code).toBe("200ok");
    const elsewhere = await openRawClient(gateway.port, "127.0.0.2");
    elsewhere.sendText(registerText("lihao"));
    await waitFor("the registration", () => elsewhere.text().includes("200ok"));
    elsewhere.destroy();
    clock.advance(60_000);
    await using late = await gateway.connect("lihao");
    expect((await late.register(PASSWORD)).data.code).toBe("200ok");
  });

  test("behind a proxy on this machine the stranger is locked out, not the proxy", async () => {
    await using gateway = startGateway();
    const stranger = new WebSocket(gateway.url, { headers: { "X-Forwarded-For": "192.0.2.7" } });
    const refusals: string[] = [];
    stranger.onmessage = ({ data }) => void refusals.push(String(data));
    stranger.onopen = () => {
      for (let order = 1; order <= 5; order++) stranger.send(registerText("lihao", "wrong", order));
    };
    await waitFor("five refusals", () => refusals.length === 5);
    expect(gateway.lines.join("")).toContain(" from=192.0.2.7:");
    await using nway = await gateway.connect("nway");
    expect((await nway.register(PASSWORD)).data.code).toBe("200ok");
    stranger.close();
  });

  test("failures count in a row: a success starts anew", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    for (let round = 0; round < 3; round++) {
      for (let failure = 0; failure < 4; failure++) {
        expect((await client.register("wrong")).data.code).toBe("401");
      }
      expect((await client.register(PASSWORD)).data.code).toBe("200ok");
    }
  });

  test("frames that come while a directory is asked wait for it", async () => {
    const asked = Promise.withResolvers<User>();
    await using gateway = startGateway({ directory: { find: () => asked.promise } });
    await using client = await gateway.connect("lihao");
    const registered = client.register(PASSWORD);
    const invited = client.invite("nway");
    asked.resolve(LIHAO);
    expect((await registered).data.code).toBe("200ok");
    expect((await invited).response.data).toMatchObject({ code: "480", msg: "USER_NOT_REGISTERED" });
  });

  test("whoever left while a directory was asked is not registered, and the frames that waited are dropped", async () => {
    const asked = Promise.withResolvers<User>();
    const find = (name: string) => (name === "lihao" ? asked.promise : { ...LIHAO, name });
    await using gateway = startGateway({ directory: { find } });
    const client = await openRawClient(gateway.port);
    client.sendText(registerText("lihao"));
    client.sendText(registerText("lihao", PASSWORD, 2));
    client.destroy();
    await using other = await gateway.connect("nway");
    await waitFor("the client's end", () => gateway.connectionCount() === 1);
    asked.resolve(LIHAO);
    expect((await other.register(PASSWORD)).data.code).toBe("200ok");
    expect(gateway.clients.snapshot().map(({ user }) => user)).toEqual(["nway"]);
  });

  test("a directory that fails costs the connection, not the server", async () => {
    const find = (user: string) => {
      if (user === "thrown") throw new Error("no database");
      return Promise.reject(new Error("no database"));
    };
    await using gateway = startGateway({ directory: { find } });
    for (const user of ["thrown", "rejected"]) {
      const client = await gateway.connect(user);
      client.register(PASSWORD).catch(() => {});
      expect((await client.closed).code).toBe(1011);
    }
    expect(gateway.lines.filter((line) => line.includes(" error signaling.fault "))).toHaveLength(2);
    await using client = await gateway.connect("lihao");
    expect((await client.request("option")).data.code).toBe("200ok");
  });

  test("while the directory is unavailable nobody gets in but who is here; those who are here are called", async () => {
    let isDown = false;
    const find = (name: string) =>
      isDown ? Promise.reject(unavailable("down")) : Promise.resolve({ ...LIHAO, name });
    await using gateway = startGateway({ directory: { find } });
    await using lihao = await gateway.register("lihao");
    await using _ = await gateway.register("nway");
    isDown = true;
    await using third = await gateway.connect("third");
    const refused = { code: "480", msg: "DIRECTORY_UNAVAILABLE" };
    for (let count = 0; count < 6; count++) {
      expect((await third.register(PASSWORD)).data).toMatchObject(refused);
    }
    await using again = await gateway.connect("lihao");
    expect((await again.register("wrong")).data.code).toBe("401");
    expect((await again.register(PASSWORD)).data.code).toBe("200ok");
    expect((await lihao.closed).code).toBe(4001);
    expect((await again.invite("13800138000")).response.data).toMatchObject(refused);
    expect((await again.invite("nway")).response.data.code).toBe("200ok");
    isDown = false;
    expect((await third.register(PASSWORD)).data.code).toBe("200ok");
  });

  test("the token of a registration stands for the password", async () => {
    await using gateway = startGateway();
    await using client = await gateway.connect("lihao");
    const { token = "" } = (await client.register(PASSWORD)).data;
    await using again = await gateway.connect("lihao");
    expect((await again.register(token)).data.code).toBe("200ok");
    await using other = await gateway.connect("nway");
    expect((await other.register(token)).data.code).toBe("401");
    expect(gateway.lines.join("")).not.toContain(token);
  });

  test("another user on the same socket leaves the first", async () => {
    await using gateway = startGateway();
    await using client = await gateway.register("lihao");
    await client.request("register", { data: { caller_number: "nway", password: PASSWORD } });
    expect(gateway.clients.snapshot().map(({ user }) => user)).toEqual(["nway"]);
  });
});
