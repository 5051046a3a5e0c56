/** A SIP message as plain text, taken apart without the project's own parser, so that its errors do not hide. */
export type SipText = {
  readonly start: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
};

/** Strict about what RFC 3261 demands of a sender; throws what is wrong. */
export function readSip(text: string): SipText {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) throw new Error("no empty line");
  const [start = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  if (lines.some((line) => /[\r\n]/.test(line))) throw new Error("a bare line end");
  const headers = lines.map((line) => {
    const [, name, value] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no header: ${JSON.stringify(line)}`);
    return [name, value] as const;
  });
  const message = { start, headers, body: text.slice(headEnd + 4) };
  const length = headerOf(message, "Content-Length");
  if (length !== String(Buffer.byteLength(message.body))) throw new Error(`Content-Length is ${length}`);
  for (const name of ["Via", "From", "To", "Call-ID", "CSeq"]) {
    if (headerOf(message, name) === undefined) throw new Error(`${name} is missing`);
  }
  return message;
}

export function writeSip({ start, headers, body }: SipText): string {
  return [start, ...headers.map(([name, value]) => `${name}: ${value}`), "", body].join("\r\n");
}

/** The first of that name, in any case. */
export function headerOf({ headers }: Pick<SipText, "headers">, name: string): string | undefined {
  return headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

export function needHeader(message: SipText, name: string): string {
  const value = headerOf(message, name);
  if (value === undefined) throw new Error(`${name} is missing in ${message.start}`);
  return value;
}

/** Undefined for a request. */
export function statusOf({ start }: SipText): number | undefined {
  const status = /^SIP\/2\.0 (\d{3}) /.exec(start)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** Of the request, or of the request that a response answers. */
export function methodOf(message: SipText): string {
  return needHeader(message, "CSeq").split(" ")[1] ?? "";
}

export function tagOf(address: string): string | undefined {
  return /;tag=([^;>\s]+)/.exec(address)?.[1];
}

/** What stands between angle brackets. */
export function uriOf(address: string): string {
  return /<([^>]+)>/.exec(address)?.[1] ?? address;
}
