/** Scenarios for sipp: a request or an answer on each line, in the order in which they must come. */

const COMMON = `Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]
From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
Call-ID: [call_id]
Max-Forwards: 70
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>`;

const SDP = `Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:101 telephone-event/8000`;

type RequestOptions = { readonly sequence: number; readonly isInDialog?: boolean; readonly hasSdp?: boolean };

export function sendRequest(
  method: string,
  { sequence, isInDialog = false, hasSdp = false }: RequestOptions,
): string {
  const retransmits = method === "ACK" ? "" : ' retrans="500"';
  // Without it sipp takes a late 200 to the INVITE for the answer to its BYE.
  const transaction = method === "BYE" ? ' start_txn="bye"' : "";
  return `<send${retransmits}${transaction}><![CDATA[
${method} sip:user@[remote_ip]:[remote_port] SIP/2.0
${COMMON}
To: <sip:user@[remote_ip]>${isInDialog ? "[peer_tag_param]" : ""}
CSeq: ${sequence} ${method}
${hasSdp ? SDP : "Content-Length: 0"}

]]></send>`;
}

/** The CANCEL or the ACK to a refusal has the INVITE's branch, which is that of the last request. */
export function sendWithBranchOf(method: string, messagesAgo: number): string {
  return sendRequest(method, { sequence: 1, isInDialog: method === "ACK" }).replace(
    "[branch]",
    `[branch-${messagesAgo}]`,
  );
}

export function expectAnswerToBye(status: number): string {
  return `<recv response="${status}" response_txn="bye"></recv>`;
}

export function expectAnswer(status: number, isOptional = false): string {
  return `<recv response="${status}"${isOptional ? ' optional="true"' : ""}></recv>`;
}

export function expectRequest(method: string): string {
  return `<recv request="${method}"></recv>`;
}

export function answerRequest(status: number): string {
  return `<send><![CDATA[
SIP/2.0 ${status} Any
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`;
}

/** The answer to an INVITE of ours, whose To has no tag yet; sent again until the ACK if it is final. */
export function answerInvite(status: number, hasSdp = false): string {
  return `<send${status < 200 ? "" : ' retrans="500"'}><![CDATA[
SIP/2.0 ${status} Any
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>
${hasSdp ? SDP : "Content-Length: 0"}

]]></send>`;
}

export function scenario(...steps: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n${steps.join("\n")}\n</scenario>\n`;
}
