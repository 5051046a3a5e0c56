import type { Socket, SocketHandler } from "bun";
import { answerOffer } from "../../../src/protocols/sdp/offer-answer.ts";
import { decodeSdp, encodeSdp } from "../../../src/protocols/sdp/session-description.ts";
import type { SipCall } from "../../../src/protocols/sip/call.ts";
import type { SipCallEvent, SipCallListener } from "../../../src/protocols/sip/call-event.ts";
import { SipFramer } from "../../../src/protocols/sip/framer.ts";
import type { IncomingInvite } from "../../../src/protocols/sip/incoming-invite.ts";
import type { InviteOptions } from "../../../src/protocols/sip/outgoing-invite.ts";
import type { SipPeer } from "../../../src/protocols/sip/peer.ts";
import { SipUserAgent } from "../../../src/protocols/sip/user-agent.ts";

const BIND_ATTEMPTS = 10;

/** Another test may have over TCP the port that is free over UDP. */
async function listenOnBoth(
  udpHandler: Bun.udp.SocketHandler<"buffer">,
  tcpHandler: SocketHandler<SipFramer>,
): Promise<{ udp: Bun.udp.Socket<"buffer">; tcp: Bun.TCPSocketListener<SipFramer> }> {
  for (let attempt = 1; ; attempt++) {
    const udp = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0, socket: udpHandler });
    try {
      const tcp = Bun.listen<SipFramer>({ hostname: "127.0.0.1", port: udp.port, socket: tcpHandler });
      return { udp, tcp };
    } catch (thrown) {
      udp.close();
      if (attempt === BIND_ATTEMPTS) throw thrown;
    }
  }
}

/** A user agent on a loopback port, UDP and TCP, that answers every call; for real peers to call. */
export type LoopbackAgent = AsyncDisposable & {
  readonly port: number;
  readonly agent: SipUserAgent;
  readonly events: SipCallEvent[];
  /** Calls a peer; what happens to the call is among the events too. */
  readonly invite: (options: InviteOptions, listener?: SipCallListener) => SipCall;
};

export async function startLoopbackAgent(
  onCall: (invite: IncomingInvite, nowMs: number) => void = answer,
): Promise<LoopbackAgent> {
  const events: SipCallEvent[] = [];
  const connections = new Map<string, Socket<SipFramer>>();
  let timer: Timer | undefined;
  const { udp, tcp } = await listenOnBoth(
    {
      // ICMP tells that a peer has gone.
      error: () => undefined,
      data: (_, bytes, port, address) =>
        work(() =>
          agent.receiveDatagram(
            new Uint8Array(bytes),
            { transport: "UDP", address, port },
            performance.now(),
          ),
        ),
    },
    {
      open(socket) {
        socket.data = new SipFramer();
        connections.set(keyOf(peerOf(socket)), socket);
      },
      data(socket, bytes) {
        socket.data.push(bytes, (framed) => {
          if (framed.kind === "ping") socket.write("\r\n");
          else work(() => agent.receiveMessage(framed.message, peerOf(socket), performance.now()));
        });
      },
    },
  );
  const agent = new SipUserAgent({
    address: "127.0.0.1",
    port: udp.port,
    software: "loopback/1",
    maxCalls: 1000,
    maxTransactions: 10_000,
    token: () => crypto.randomUUID().replaceAll("-", ""),
    random: Math.random,
    send(bytes, destination) {
      if (destination.transport === "UDP") udp.send(bytes, destination.port, destination.address);
      else connections.get(keyOf(destination))?.write(bytes);
    },
    onInvite(invite, nowMs) {
      invite.call.listen((event) => {
        events.push(event);
        if (event.kind === "reoffered") invite.call.accept(answerFor(event.sdp), performance.now());
      });
      onCall(invite, nowMs);
    },
    onBug: (thrown) => {
      throw thrown;
    },
  });
  function work(run: () => void): void {
    run();
    clearTimeout(timer);
    const waitMs = agent.nextDeadlineMs - performance.now();
    if (waitMs < 2 ** 31)
      timer = setTimeout(() => work(() => agent.tick(performance.now())), Math.max(0, waitMs));
  }
  return {
    port: udp.port,
    agent,
    events,
    invite(options, listener = () => {}) {
      const listen: SipCallListener = (event, nowMs) => {
        events.push(event);
        listener(event, nowMs);
      };
      let call: SipCall | undefined;
      work(() => {
        call = agent.invite(options, listen, performance.now());
      });
      if (call === undefined) throw new Error("no call");
      return call;
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer);
      udp.close();
      tcp.stop(true);
    },
  };
}

function answer(invite: IncomingInvite, nowMs: number): void {
  invite.ring(nowMs);
  invite.answer(answerFor(invite.sdp), nowMs);
}

function answerFor(offer: Uint8Array | undefined): Uint8Array {
  const audio = {
    port: 4000,
    codecs: ["PCMA", "PCMU"],
    ptimeMs: 20,
    comfortNoise: false,
    direction: "sendrecv",
  } as const;
  const local = { address: "127.0.0.1", sessionId: "1", version: 1, audio };
  const result = answerOffer(decodeSdp(offer ?? new Uint8Array(0)), local);
  if (result === undefined) throw new Error("the peer offers nothing that we speak");
  return encodeSdp(result.answer);
}

function peerOf(socket: Socket<SipFramer>): SipPeer {
  return { transport: "TCP", address: socket.remoteAddress, port: socket.remotePort };
}

function keyOf({ address, port }: SipPeer): string {
  return `${address}:${port}`;
}
