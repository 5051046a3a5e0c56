import { STREAM_KEY } from "../../media/gate.ts";

export type StreamName = { readonly key: string; readonly token: string | undefined };

/**
 * Key and token of the name in `publish` or `play`: `key?token=t`, perhaps with leading slashes, or with the query at
 * the application's name as some encoders put it. Where the name is empty, since an encoder was given the whole URL as
 * its server, both stand at the end of the application's name. Undefined if there is no valid key.
 */
export function parseStreamName(name: string, app: string): StreamName | undefined {
  const [path = "", query = ""] = splitOnce(name, "?");
  const [appPath = "", appQuery = ""] = splitOnce(app, "?");
  const key = lastSegment(path === "" && lastSegment(appPath) !== appPath ? appPath : path);
  if (!STREAM_KEY.test(key)) return undefined;
  const token = new URLSearchParams(query).get("token") ?? new URLSearchParams(appQuery).get("token");
  return { key, token: token ?? undefined };
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
