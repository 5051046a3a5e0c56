import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type RunningProcess, startProcess } from "./process.ts";
import { waitFor } from "./wait.ts";

const OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--mute-audio", "--remote-debugging-port=0"];

/** Chromium shows one page; its profile lies in `folder`. */
export function startBrowser(url: string, folder: string, ...options: readonly string[]): RunningProcess {
  const profile = `--user-data-dir=${join(folder, "chromium")}`;
  return startProcess(["chromium", ...OPTIONS, profile, ...options, url]);
}

export type PageOptions = {
  /** Of a module, in which `report(name, body)` says what the page has got; a report named `failure` ends the waiting. */
  readonly script: string;
  /** The page fetches it from `/sample`. */
  readonly samplePath: string;
  readonly folder: string;
  /** PEM. The page is encrypted, and the browser trusts the key of this certificate, and no other. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
};

export interface Page extends AsyncDisposable {
  /** Waits until the page has reported all these. */
  waitForReports(...names: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
}

const DEADLINE_MS = 30_000;

/** A page in Chromium, with a server of its own. */
export function openPage({ script, samplePath, folder, tls }: PageOptions): Page {
  const reports = new Map<string, Uint8Array>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...(tls && { tls: { cert: tls.cert, key: tls.key } }),
    async fetch(request) {
      const name = new URL(request.url).pathname.slice(1);
      if (request.method === "POST") {
        reports.set(name, await request.bytes());
        return new Response();
      }
      if (name === "sample") return new Response(Bun.file(samplePath));
      return new Response(renderPage(script), { headers: { "Content-Type": "text/html" } });
    },
  });
  const trusted = tls === undefined ? [] : [`--ignore-certificate-errors-spki-list=${hashKey(tls.cert)}`];
  const chromium = startBrowser(server.url.href, folder, ...trusted);
  return {
    async waitForReports(...names) {
      const haveCome = () => {
        const failure = reports.get("failure");
        if (failure !== undefined)
          throw new Error(`${new TextDecoder().decode(failure)} ${chromium.output()}`);
        return names.every((name) => reports.has(name));
      };
      await waitFor(`${names.join(", ")} from the browser`, haveCome, DEADLINE_MS);
      return reports;
    },
    async [Symbol.asyncDispose]() {
      await chromium[Symbol.asyncDispose]();
      await server.stop(true);
    },
  };
}

function renderPage(script: string): string {
  return `<!doctype html><script type="module">
    const report = (name, body) => fetch("/" + name, { method: "POST", body });
    ${script}
  </script>`;
}

function hashKey(cert: string): string {
  const spki = new X509Certificate(cert).publicKey.export({ type: "spki", format: "der" });
  return new Bun.CryptoHasher("sha256").update(spki).digest("base64");
}
