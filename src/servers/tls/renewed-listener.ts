import type { Certificate } from "./certificate.ts";
import type { KeyPair } from "./key-pair.ts";

/** What Bun gives for a port; stopping it leaves its connections alone. */
type Listening = { readonly port: number; stop(): void };

export interface RenewedListener extends Disposable {
  readonly port: number;
  /** Whoever is connected stays so. */
  stopListening(): void;
  /** Does nothing where it listens. */
  listenAgain(): void;
}

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
  let pair = certificate?.pair;
  const first = listen(port, pair);
  let current: Listening | undefined = first;
  const stopListening = () => {
    current?.stop();
    current = undefined;
  };
  const listenAgain = () => {
    current ??= listen(first.port, pair);
  };
  const renewal = certificate?.onRenewed((renewed) => {
    pair = renewed;
    if (current === undefined) return;
    stopListening();
    listenAgain();
  });
  return {
    port: first.port,
    stopListening,
    listenAgain,
    [Symbol.dispose]() {
      renewal?.[Symbol.dispose]();
      stopListening();
    },
  };
}
