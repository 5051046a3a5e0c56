import type { Socket } from "bun";

/** Both directions of one connection. */
type Recording = { readonly client: Uint8Array[]; readonly server: Uint8Array[] };

export interface RecordingProxy extends AsyncDisposable {
  readonly port: number;
  /** One a connection, in the order in which they were made. */
  readonly recordings: readonly Recording[];
}

/** One end of a connection; what the kernel does not take at once waits here. */
class End {
  socket: Socket<End> | undefined;
  other: End | undefined;
  #waiting: Uint8Array[] = [];

  constructor(readonly recorded: Uint8Array[]) {}

  send(bytes: Uint8Array): void {
    const taken = this.socket === undefined || this.#waiting.length > 0 ? 0 : this.socket.write(bytes);
    if (taken < bytes.length) this.#waiting.push(bytes.subarray(Math.max(0, taken)));
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.send(bytes);
  }
}

/** Forwards TCP connections to a port of this machine and keeps what passes. */
export function startRecordingProxy(targetPort: number): RecordingProxy {
  const recordings: Recording[] = [];
  const handler = {
    data(socket: Socket<End>, bytes: Uint8Array) {
      const copy = new Uint8Array(bytes);
      socket.data.recorded.push(copy);
      socket.data.other?.send(copy);
    },
    drain(socket: Socket<End>) {
      socket.data.flush();
    },
    close(socket: Socket<End>) {
      socket.data.other?.socket?.end();
    },
  };
  const listener = Bun.listen<End>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      ...handler,
      async open(socket) {
        const recording: Recording = { client: [], server: [] };
        recordings.push(recording);
        const client = new End(recording.client);
        const server = new End(recording.server);
        client.other = server;
        server.other = client;
        client.socket = socket;
        socket.data = client;
        const upstream = { hostname: "127.0.0.1", port: targetPort, data: server, socket: handler };
        server.socket = await Bun.connect(upstream);
        server.flush();
      },
    },
  });
  return {
    port: listener.port,
    recordings,
    async [Symbol.asyncDispose]() {
      listener.stop(true);
    },
  };
}
