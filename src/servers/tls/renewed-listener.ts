import type { Certificate } from "./certificate.ts";
import type { KeyPair } from "./key-pair.ts";

/** What Bun gives for a port: stopping ends the listening at once; `force` ends its connections too. */
type Listening = {
  readonly port: number | undefined;
  stop(force?: boolean): Promise<void> | void;
};

export type RenewedListener = {
  readonly port: number;
  /** Resolves once all connections are closed, where the listener tells; `force` closes them. */
  stop(force?: boolean): Promise<void>;
};

/**
 * Listens, and with each new certificate anew on the same port: Bun gives a listener one for its life. Connections that
 * stand belong to the listener that took them, and go on.
 * @param certificate undefined: not encrypted
 * @param listen gets the pair; throws where it cannot listen
 */
export function listenRenewed(
  port: number,
  certificate: Certificate | undefined,
  listen: (port: number, pair: KeyPair | undefined) => Listening,
): RenewedListener {
  let current = listen(port, certificate?.pair);
  const ownPort = current.port ?? port;
  const retired = new Set<Listening>();
  const renewal = certificate?.onRenewed((pair) => {
    const previous = current;
    const ended = previous.stop();
    retired.add(previous);
    void Promise.resolve(ended).then(() => retired.delete(previous));
    current = listen(ownPort, pair);
  });
  return {
    port: ownPort,
    async stop(force) {
      renewal?.[Symbol.dispose]();
      await Promise.all([current, ...retired].map((listener) => listener.stop(force)));
    },
  };
}
