import { STREAM_KEY } from "../../media/gate.ts";

type StreamName = { readonly key: string; readonly token: string | undefined };

/**
 * Key and token of the name in `publish` or `play`: `key?token=t`, perhaps with leading slashes, or with the query at
 * the application's name as some encoders put it. Undefined if there is no valid key.
 */
export function parseStreamName(name: string, app: string): StreamName | undefined {
  const [path = "", query = ""] = splitOnce(name, "?");
  const key = path.slice(path.lastIndexOf("/") + 1);
  if (!STREAM_KEY.test(key)) return undefined;
  const [, appQuery = ""] = splitOnce(app, "?");
  const token = new URLSearchParams(query).get("token") ?? new URLSearchParams(appQuery).get("token");
  return { key, token: token ?? undefined };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
