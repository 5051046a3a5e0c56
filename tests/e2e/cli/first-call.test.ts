import { expect, test } from "bun:test";
import { join } from "node:path";
import { startGateway } from "../../peers/gateway.ts";
import { startProcess } from "../../peers/process.ts";
import { ROOT, readSources } from "../../rules/source.ts";

const [readme, chinese] = await readSources("README.md", "README.zh-CN.md");

test("the README's first call is answered, with a stream to listen to", async () => {
  const script = readme?.text.split("```js\n")[1]?.split("```")[0] ?? "";
  expect(chinese?.text).toContain(script);
  await using gateway = await startGateway();
  const path = join(gateway.folder, "call.mjs");
  await Bun.write(path, script.replace("ws://127.0.0.1:18123/", gateway.urls.signaling));
  await using client = startProcess([join(ROOT, "node_modules/.bin/bun"), path], { cwd: gateway.folder });
  await client.waitForOutput(/request answer/);
  expect(client.output()).toMatch(/^response register/m);
  const url = /callee_url: "(rtmp:[^"]+)"/.exec(client.output())?.[1];
  expect(url).toStartWith(`rtmp://127.0.0.1:${gateway.ports.rtmp}/live/`);
});
