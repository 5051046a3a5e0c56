import { describe, expect, test } from "bun:test";
import type { Terminal } from "../../src/commands/command.ts";
import { runCommand } from "../../src/commands/run.ts";
import { createFolder } from "../config/folder.ts";

const TOKEN = "0123456789abcdef";
const WORDS = [
  "c-1",
  "lihao",
  "gw1",
  "13800000000",
  "-",
  "",
  "rtmp://127.0.0.1/live/up",
  "rtmp://127.0.0.1/live/d",
];

type Asked = { readonly path: string; readonly authorization: string | null; readonly body: string };

/** Something that answers like the gateway's API, or not. */
function startApi(answer: () => Response) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname: path } = new URL(request.url);
      asked.push({ path, authorization: request.headers.get("authorization"), body: await request.text() });
      return answer();
    },
  });
  return { asked, url: `http://127.0.0.1:${server.port}`, [Symbol.dispose]: () => void server.stop(true) };
}

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  using folder = createFolder();
  const printed: string[] = [];
  const complained: string[] = [];
  const terminal: Terminal = {
    print: (text) => printed.push(text),
    readInput: () => Promise.resolve(""),
    complain: (text) => complained.push(text),
    cwd: folder.path,
    env,
    catchSignals: () => Promise.reject(new Error("not here")),
    surviveBugs: () => {},
  };
  const code = await runCommand(["api", ...args], terminal);
  return { code, stdout: printed.join(""), stderr: complained.join("") };
}

const env = { NWAY_WX_API_TOKEN: TOKEN };

describe("nway-wx api", () => {
  test("says the command to the API, with the token of the settings", async () => {
    using api = startApi(() => new Response("+OK c-1\n"));
    expect(await run([...WORDS, "nway.com.cn", "--api-url", api.url], env)).toEqual({
      code: 0,
      stdout: "+OK c-1\n",
      stderr: "",
    });
    const body = `nway_wx_api ${WORDS.join(" ").replace("-  ", "- - ")} nway.com.cn`;
    expect(api.asked).toEqual([{ path: "/api/nway_wx_api", authorization: `Bearer ${TOKEN}`, body }]);
  });

  test("finds the API by the settings", async () => {
    using api = startApi(() => new Response("+OK c-1\n"));
    const addr = {
      NWAY_WX_API_ADDR: api.url.replace("http://127.0.0.1", "0.0.0.0"),
      NWAY_WX_USERS_USER1: "a",
    };
    expect((await run(WORDS, { ...env, ...addr, NWAY_WX_USERS_PASSWORD1: "b" })).code).toBe(0);
  });

  test.each([
    [() => new Response("-ERR GATEWAY_DOWN it is down\n", { status: 503 }), "-ERR GATEWAY_DOWN it is down\n"],
    [
      () => new Response("<html>\n", { status: 200 }),
      /^nway-wx: http:\S+: api\.no-gateway \(status 200\)\n$/,
    ],
    [() => Response.redirect("http://127.0.0.1:1/"), /^nway-wx: http:\S+: /],
  ])("is 1 and says why there is no call: %#", async (answer, words) => {
    using api = startApi(answer);
    const { code, stdout, stderr } = await run([...WORDS, "--api-url", api.url], env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain(TOKEN);
  });

  test("is 1 without a token and without a gateway", async () => {
    const none = await run(WORDS);
    expect({ code: none.code, stdout: none.stdout }).toEqual({ code: 1, stdout: "" });
    expect(none.stderr).toContain("set token of [api]");
    const alone = await run([...WORDS, "--api-url", "http://127.0.0.1:1"], env);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toStartWith("nway-wx: http://127.0.0.1:1: ");
  });

  test.each([
    [WORDS.slice(1)],
    [[...WORDS, "a", "b"]],
    [["a b", ...WORDS.slice(1)]],
    [[...WORDS, "a\nb"]],
    [[...WORDS, "--api-url", "ftp://h"]],
    [[...WORDS, "--api-url", "http://u:sesame@h"]],
    [[...WORDS, "--token", TOKEN]],
  ])("is 2 for wrong usage: %j", async (args) => {
    const { code, stdout, stderr } = await run(args, env);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toStartWith("nway-wx: ");
    expect(stderr).not.toContain("sesame");
  });
});
