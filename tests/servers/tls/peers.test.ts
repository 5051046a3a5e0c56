import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createSelfSigned } from "../../../src/commands/self-signed.ts";
import { silentLogger } from "../../../src/log.ts";
import { createEntry } from "../../../src/servers/access/entry.ts";
import { listenForPeers } from "../../../src/servers/tcp/peer-listener.ts";
import { Places } from "../../../src/servers/tcp/places.ts";
import { openLanes } from "../../../src/servers/tcp/turns.ts";
import { Certificate } from "../../../src/servers/tls/certificate.ts";
import { createFolder } from "../../config/folder.ts";
import { FakeClock } from "../../fakes/fake-clock.ts";
import { waitFor } from "../../peers/wait.ts";

const INTRODUCE_MS = 6_000;

test("who connects to an encrypted port and shakes no hands takes a place, and not for long", async () => {
  const { cert, key } = await createSelfSigned(["127.0.0.1"], Date.now());
  using folder = createFolder({ "tls.crt": cert, "tls.key": key });
  const clock = new FakeClock();
  const log = silentLogger;
  const files = { cert: join(folder.path, "tls.crt"), key: join(folder.path, "tls.key") };
  using certificate = new Certificate({ ...files, clock, log });
  const places = new Places({ most: 10, introduceMs: INTRODUCE_MS, clock });
  const lanes = openLanes(clock);
  const turns = { strangers: lanes.strangers, known: lanes.media };
  const options = {
    host: "127.0.0.1",
    port: 0,
    entry: createEntry({ allow: undefined, deny: [], trustedProxies: [] }),
    readsForwardedFor: false,
    certificate,
    places,
    turns,
    clock,
    log,
  };
  await using listener = listenForPeers("odd", options, () => {
    throw new Error("nothing was sent");
  });
  const silent = connect(listener.port, "127.0.0.1").on("error", () => {});
  let isClosed = false;
  silent.on("close", () => {
    isClosed = true;
  });
  await once(silent, "connect");
  await waitFor("its place", () => listener.connectionCount === 1);
  clock.advance(INTRODUCE_MS);
  await waitFor("its end", () => isClosed && listener.connectionCount === 0);
  expect(isClosed).toBe(true);
});
