import { AppError } from "../../errors.ts";
import type { RequestHead } from "../http/request-head.ts";

/** RFC 6455, section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** A protocol's name is a token (section 4.1). */
const PROTOCOL_PATTERN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const KEY_PATTERN = /^[A-Za-z0-9+/]{22}==$/;

/** The value of Sec-WebSocket-Accept. `sha1` digests the text's UTF-8 bytes into 20 bytes. */
export function acceptKey(key: string, sha1: (text: string) => Uint8Array): string {
  return btoa(String.fromCharCode(...sha1(key + ACCEPT_GUID)));
}

/** Whether the client asks for WebSocket at all; `validateUpgrade` then says whether it asks well. */
export function isUpgrade(head: RequestHead): boolean {
  return hasToken(head.headers.get("upgrade"), "websocket");
}

/** `protocol` is the first one offered: browsers fail when they offered some and get none back. */
export type Upgrade = { readonly key: string; readonly protocol: string | undefined };

/** Checks section 4.2.1; throws AppError `websocket.bad-upgrade` with the field that is wrong. */
export function validateUpgrade(head: RequestHead): Upgrade {
  const { headers } = head;
  const key = headers.get("sec-websocket-key") ?? "";
  demand("method", head.method === "GET");
  demand("version", head.version === "1.1");
  demand("upgrade", isUpgrade(head));
  demand("connection", hasToken(headers.get("connection"), "upgrade"));
  demand("sec-websocket-version", headers.get("sec-websocket-version") === "13");
  demand("sec-websocket-key", KEY_PATTERN.test(key));
  const protocol = headers.get("sec-websocket-protocol")?.split(",", 1)[0]?.trim();
  demand("sec-websocket-protocol", protocol === undefined || PROTOCOL_PATTERN.test(protocol));
  return { key, protocol };
}

function demand(field: string, isGood: boolean): void {
  if (!isGood) throw new AppError("peer", "websocket.bad-upgrade", { field });
}

function hasToken(list: string | undefined, token: string): boolean {
  return list?.split(",").some((entry) => entry.trim().toLowerCase() === token) ?? false;
}
