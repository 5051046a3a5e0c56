import { connect as connectNode } from "node:net";

/** A socket that sends without end, in the background. */
export type Flooder = { write(bytes: Uint8Array): boolean; readonly isOpen: boolean; close(): void };

export const INSECURE = { rejectUnauthorized: false };
type ConnectOptions = { readonly tls?: typeof INSECURE | undefined };

export const nothing = (): undefined => undefined;
export const empty = (): Uint8Array => new Uint8Array(0);

/** Connects, with the whole handshake where it encrypts; undefined if that failed. Whatever comes is thrown away. */
export async function connect(port: number, { tls }: ConnectOptions = {}): Promise<Flooder | undefined> {
  let isOpen = true;
  const shaken = Promise.withResolvers<void>();
  const ended = () => {
    isOpen = false;
    shaken.resolve();
  };
  try {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      ...(tls && { tls }),
      socket: { data() {}, close: ended, error() {}, handshake: () => shaken.resolve() },
    });
    if (tls !== undefined) await shaken.promise;
    return {
      write: (bytes) => isOpen && socket.write(bytes) === bytes.length,
      get isOpen() {
        return isOpen;
      },
      close: () => socket.terminate(),
    };
  } catch {
    return undefined;
  }
}

/** Keeps `count` connections open, connecting anew what is closed, and lets each send as much as it can. */
export async function flood(
  port: number,
  count: number,
  untilMs: number,
  greet: () => Uint8Array,
  more: () => Uint8Array | undefined,
): Promise<void> {
  const sockets: (Flooder | undefined)[] = Array.from({ length: count });
  while (performance.now() < untilMs) {
    for (let n = 0; n < count && performance.now() < untilMs; n++) {
      const socket = sockets[n];
      if (socket?.isOpen !== true) {
        const opened = await connect(port);
        opened?.write(greet());
        sockets[n] = opened;
        continue;
      }
      const bytes = more();
      if (bytes !== undefined) socket.write(bytes);
    }
    await Bun.sleep(0);
  }
  for (const socket of sockets) socket?.close();
}

const DRIPS_OF_PORT = 200;
const DRIP_MS = 200;

/** One byte of the text now and then, on many sockets of each port. */
export async function drip(
  ports: readonly number[],
  text: Uint8Array,
  untilMs: number,
  tls?: typeof INSECURE,
): Promise<void> {
  const sockets: Flooder[] = [];
  for (let n = 0; n < DRIPS_OF_PORT && performance.now() < untilMs; n++) {
    const opened = await Promise.all(ports.map((port) => connect(port, { tls })));
    sockets.push(...opened.filter((socket) => socket !== undefined));
  }
  for (let at = 0; performance.now() < untilMs; at++) {
    for (const socket of sockets) socket.write(text.subarray(at % text.length, (at % text.length) + 1));
    await Bun.sleep(DRIP_MS);
  }
  for (const socket of sockets) socket.close();
}

const ANSWER_MS = 300;

/** What a server says to these bytes until it closes, or for a while. */
export async function ask(port: number, bytes: Uint8Array, from = "127.0.0.1"): Promise<string> {
  let answer = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  const socket = connectNode({ host: "127.0.0.1", port, localAddress: from }, () => socket.write(bytes));
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    answer += text;
  });
  socket.on("error", resolve);
  socket.on("close", resolve);
  const timer = setTimeout(resolve, ANSWER_MS);
  await promise;
  clearTimeout(timer);
  socket.destroy();
  return answer;
}

/** As the runtime's own client says it. */
export async function captureClientHello(): Promise<Uint8Array> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (_, bytes) => resolve(Uint8Array.from(bytes)) },
  });
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    tls: INSECURE,
    socket: { data() {}, error() {} },
  });
  const hello = await promise;
  client.terminate();
  server.stop(true);
  return hello;
}
