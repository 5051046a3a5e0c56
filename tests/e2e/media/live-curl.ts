import type { Tag } from "../../../src/protocols/flv/tag.ts";
import { encodeFlvHeader, encodeTag } from "../../../src/protocols/flv/tag.ts";
import type { Gateway } from "../../peers/gateway.ts";
import { within } from "../../peers/wait.ts";
import { waitForBytesIn } from "./laboratory.ts";

/** curl that publishes what it is given, when it is given it. */
export interface LivePublisher extends AsyncDisposable {
  /** Resolves once the gateway has taken them in. */
  send(...tags: readonly Tag[]): Promise<void>;
  /** Ends the stream; gives the HTTP status. */
  finish(): Promise<string>;
  /** The HTTP status, once the gateway has answered. */
  readonly answered: Promise<string>;
}

/** `bytesBefore`: what earlier publishers of the same stream sent. */
export function publishLive(gateway: Gateway, key: string, bytesBefore = 0): LivePublisher {
  const output = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  const upload = ["-X", "POST", "-H", "Transfer-Encoding: chunked", "-T", "-"];
  const child = Bun.spawn(["curl", ...output, ...upload, gateway.urls.flv(key)], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const answered = new Response(child.stdout).text();
  child.stdin.write(encodeFlvHeader({ audio: true, video: true }));
  let byteCount = bytesBefore;
  return {
    answered,
    async send(...tags) {
      for (const tag of tags) {
        child.stdin.write(encodeTag(tag));
        byteCount += tag.body.length;
      }
      await child.stdin.flush();
      await waitForBytesIn(gateway, key, byteCount);
    },
    async finish() {
      await child.stdin.end();
      return await within("curl's end", answered);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
