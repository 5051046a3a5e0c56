import { BlockList, isIP } from "node:net";

/** Addresses and networks such as 10.0.0.0/8; 0.0.0.0 stands for all, as in `[acl]`. */
export class AllowList {
  readonly #list = new BlockList();

  constructor(networks: readonly string[]) {
    for (const network of networks) this.add(network);
  }

  /** Looks at addresses only and ignores names. */
  add(network: string): void {
    const [address = "", prefix] = network.split("/");
    const family = familyOf(address);
    if (family === undefined) return;
    if (prefix !== undefined) this.#list.addSubnet(address, Number(prefix), family);
    else if (address === "0.0.0.0") this.#addAll();
    else this.#list.addAddress(address, family);
  }

  #addAll(): void {
    this.#list.addSubnet("0.0.0.0", 0, "ipv4");
    this.#list.addSubnet("::", 0, "ipv6");
  }

  has(address: string): boolean {
    const family = familyOf(address);
    return family !== undefined && this.#list.check(address, family);
  }
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  switch (isIP(address)) {
    case 4:
      return "ipv4";
    case 6:
      return "ipv6";
    default:
      return undefined;
  }
}
