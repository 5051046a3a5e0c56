import { readAddress } from "../../addresses.ts";
import { AppError } from "../../errors.ts";
import { type ProxySource, readProxyHeader } from "../../protocols/proxy/header.ts";

/** The first bytes of a trusted proxy, which may begin with a header of the PROXY protocol. */
export class ProxyIntake {
  #held: Uint8Array | undefined;

  /**
   * What follows the header, and who it names; undefined while more bytes must come. What is held is bounded by the longest
   * header. Throws `proxy.bad-header`.
   */
  push(
    bytes: Uint8Array,
  ): { readonly rest: Uint8Array; readonly source?: ProxySource | undefined } | undefined {
    const all = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    const header = readProxyHeader(all);
    if (header.kind === "incomplete") {
      this.#held = Uint8Array.from(all);
      return undefined;
    }
    this.#held = undefined;
    if (header.kind === "none") return { rest: all };
    return { rest: all.subarray(header.byteCount), source: header.source && inOneForm(header.source) };
  }
}

/** A proxy that listens on both families at once writes IPv4 within IPv6. */
function inOneForm({ address, port }: ProxySource): ProxySource {
  const known = readAddress(address);
  if (known === undefined) throw new AppError("peer", "proxy.bad-header", { what: "address" });
  return { address: known, port };
}
