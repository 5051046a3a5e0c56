/** A socket that sends without end, in the background. */
export type Flooder = { write(bytes: Uint8Array): boolean; readonly isOpen: boolean; close(): void };

/** Connects; undefined if that failed. Whatever comes is thrown away. */
export async function connect(port: number, onClose?: () => void): Promise<Flooder | undefined> {
  let isOpen = true;
  const ended = () => {
    isOpen = false;
    onClose?.();
  };
  try {
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: { data() {}, close: ended, error() {} },
    });
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
