/** A telephone's side of one call: SIP as text, to a gateway on this machine. */
export type Dialog = {
  readonly index: number;
  readonly user: string;
  readonly gatewayPort: number;
  readonly sipPort: number;
  /** Set by the answer. */
  to: string;
  contact: string;
};

export function renderRequest(
  { index, user, gatewayPort, sipPort, to, contact }: Dialog,
  method: "INVITE" | "ACK" | "BYE",
  body = "",
): string {
  const callee = `sip:${user}@127.0.0.1`;
  const uri = contact === "" ? `${callee}:${gatewayPort}` : contact;
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${sipPort};branch=z9hG4bK${method}${index}-${sipPort};rport`,
    "Max-Forwards: 70",
    `From: <sip:tel${index}@127.0.0.1>;tag=t${index}-${sipPort}`,
    `To: ${to === "" ? `<${callee}>` : to}`,
    `Call-ID: ${index}@${sipPort}`,
    `CSeq: ${method === "BYE" ? 2 : 1} ${method}`,
    `Contact: <sip:tel${index}@127.0.0.1:${sipPort}>`,
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
    "",
    body,
  ].join("\r\n");
}

export function renderOffer(rtpPort: number): string {
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${rtpPort} RTP/AVP 8`,
    "a=rtpmap:8 PCMA/8000",
    "a=ptime:20",
    "",
  ].join("\r\n");
}

/** Undefined for what is no final answer to an INVITE. */
export function readAnswer(text: string) {
  const status = Number(/^SIP\/2\.0 (\d+)/.exec(text)?.[1]);
  if (!(status >= 200) || !/^CSeq: 1 INVITE/im.test(text)) return undefined;
  return {
    index: Number(/^Call-ID: (\d+)@/im.exec(text)?.[1]),
    status,
    to: /^To: (.*)\r$/im.exec(text)?.[1] ?? "",
    contact: /^Contact: .*?<([^>]*)>/im.exec(text)?.[1] ?? "",
    rtpPort: Number(/m=audio (\d+)/.exec(text)?.[1]),
  };
}
