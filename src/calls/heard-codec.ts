import { codecOfClientName } from "../codecs/codec-names.ts";
import type { EncodedCodec } from "../media/audio/coding/audio-encoder.ts";
import { isMiniProgram } from "./mini-programs.ts";

/** What is known of a side of a call that is to hear something. */
export type Listener = {
  /** The kind of client that it says it is; empty if it says nothing. */
  readonly appname: string;
  /** What it really pushes; undefined while it pushes nothing. */
  readonly pushed: string | undefined;
  /** What it said that it would push. */
  readonly declared: string | undefined;
};

/** What counts for a client that does not say: `[settings] program_name` and `audio_codec`. */
export type ListenerDefaults = { readonly appname: string; readonly audio: string };

/** The codec in which a side gets its sound: what it really pushes, else what it declares, else the default, else AAC. */
export function chooseHeardCodec(
  { appname, pushed, declared }: Listener,
  defaults: ListenerDefaults,
): EncodedCodec {
  // Their players can play nothing but AAC, whatever they declare: the manual's example says G711A.
  if (isMiniProgram(appname, defaults.appname)) return "AAC";
  return readCodecName(pushed) ?? readCodecName(declared) ?? readCodecName(defaults.audio) ?? "AAC";
}

function readCodecName(name: string | undefined): EncodedCodec | undefined {
  return name === undefined ? undefined : codecOfClientName(name);
}
