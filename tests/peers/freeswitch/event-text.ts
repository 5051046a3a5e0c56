export type EventHeaders = Readonly<Record<string, string>>;

/** What switch_url_encode escapes. */
const UNSAFE = /[\r\n "#%&+:;<=>?@[\\\]^`{|}]|[^\x20-\x7e]/gu;

/** As `event plain` gives it. */
export function toPlain(headers: EventHeaders, body: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${escapeValue(value)}\n`);
  const length = body === "" ? "" : `Content-Length: ${Buffer.byteLength(body)}\n`;
  return `${lines.join("")}${length}\n${body}`;
}

/** As `event json` gives it. */
export function toJson(headers: EventHeaders, body: string): string {
  return JSON.stringify(
    body === "" ? headers : { ...headers, "Content-Length": String(Buffer.byteLength(body)), _body: body },
  );
}

function escapeValue(value: string): string {
  return value.replaceAll(UNSAFE, (character) => encodeURIComponent(character));
}
