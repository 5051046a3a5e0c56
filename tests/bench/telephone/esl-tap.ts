import { connect, createServer, type Server } from "node:net";

/** Stands between the gateway and FreeSWITCH's event socket, in the process that dials, and tells of each originate. */
export class EslTap implements Disposable {
  /** For this caller. */
  onOriginate: (caller: string) => void = () => {};
  #server: Server | undefined;

  /** Gives the port to connect to in place of `targetPort`. */
  async open(targetPort: number): Promise<number> {
    const server = createServer({ noDelay: true }, (gateway) => {
      const freeswitch = connect({ host: "127.0.0.1", port: targetPort, noDelay: true });
      gateway.on("data", (bytes: Buffer) => this.#look(bytes.toString("latin1")));
      gateway.pipe(freeswitch).pipe(gateway);
      for (const socket of [gateway, freeswitch]) socket.on("error", () => {});
    });
    this.#server = server;
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port for the tap");
    return address.port;
  }

  [Symbol.dispose](): void {
    this.#server?.close();
  }

  /** The gateway writes each command at once, so that none comes in two pieces over loopback. */
  #look(text: string): void {
    const commands = text.matchAll(/^bgapi originate \{[^}]*?\borigination_caller_id_number=([^,}]+)/gm);
    for (const [, caller = ""] of commands) this.onOriginate(caller);
  }
}
