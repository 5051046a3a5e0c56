import type { Dialog } from "./dialog.ts";
import type { SipEndpoint } from "./endpoint.ts";
import type { SipHeader } from "./headers.ts";
import type { SipResponse } from "./message.ts";

export type DialogRequest = {
  readonly method: string;
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array | undefined;
};

/** What became of a request; without a response in time the status is 408. */
export type Outcome = {
  readonly status: number;
  readonly response: SipResponse | undefined;
  /** The number in CSeq. */
  readonly sequence: number;
};

/**
 * Sends a request of ours within a dialog. `onFinal` comes once, but of an INVITE for each 2xx: every one wants its ACK.
 * It may come before this returns, if there are too many transactions.
 */
export function sendInDialog(
  endpoint: SipEndpoint,
  dialog: Dialog,
  { method, headers = [], body }: DialogRequest,
  onFinal: (outcome: Outcome, nowMs: number) => void,
  nowMs: number,
): void {
  const { uri, sequence, headers: own } = dialog.makeRequest(method);
  const software = { name: "User-Agent", value: endpoint.software };
  endpoint.layer.request(
    { method, uri, headers: [...own, software, ...headers], body },
    dialog.destination,
    (response, atMs) => {
      if (response === "timed-out") onFinal({ status: 408, response: undefined, sequence }, atMs);
      else if (response.status >= 200) onFinal({ status: response.status, response, sequence }, atMs);
    },
    nowMs,
  );
}

/** The ACK to a 2xx; `sequence` is its INVITE's. */
export function acknowledge(endpoint: SipEndpoint, dialog: Dialog, sequence: number): void {
  endpoint.layer.sendAck(dialog.makeRequest("ACK", sequence), dialog.destination);
}
