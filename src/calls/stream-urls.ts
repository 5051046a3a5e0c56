import { STREAM_KEY } from "../media/gate.ts";

export type StreamUrlsOptions = {
  /** `base_push_url` and `base_pull_url`; empty for the embedded media server. */
  readonly pushBase: string;
  readonly pullBase: string;
  /** The port of the embedded RTMP server, asked when a URL is made. */
  readonly rtmpPort: () => number;
};

const RTMP_PORT = "1935";

/** Makes the URLs that clients push to and pull from, and judges those that clients name. */
export class StreamUrls {
  readonly #options: StreamUrlsOptions;

  constructor(options: StreamUrlsOptions) {
    this.#options = options;
  }

  /** False where streams go to a server whose frames we may never see. */
  get isEmbedded(): boolean {
    return this.#options.pushBase === "";
  }

  /** `host` is how the client reached us, in brackets if it is an IPv6 address. */
  push(host: string, key: string, token: string): string {
    return addToken(this.#base(this.#options.pushBase, host) + key, token);
  }

  pull(host: string, key: string, token: string): string {
    const base = this.#base(this.#options.pullBase, host);
    return addToken(base + key + suffixOf(base), token);
  }

  /** The stream key of a URL that lies right under one of our bases; undefined otherwise. */
  findKey(host: string, url: string): string | undefined {
    const given = splitUrl(url);
    if (given === undefined || !PLAIN_URL.test(url)) return undefined;
    const { pushBase, pullBase } = this.#options;
    for (const base of [pushBase, pullBase]) {
      const ours = splitUrl(this.#base(base, host));
      if (ours === undefined || ours.origin !== given.origin || !given.path.startsWith(ours.path)) continue;
      const name = given.path.slice(ours.path.length);
      const suffix = suffixOf(ours.origin);
      const key = suffix !== "" && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
      if (STREAM_KEY.test(key)) return key;
    }
    return undefined;
  }

  #base(configured: string, host: string): string {
    const base = configured === "" ? `rtmp://${host}:${this.#options.rtmpPort()}/live/` : configured;
    return base.endsWith("/") ? base : `${base}/`;
  }
}

/** The URL with the token in its query, instead of any other; what else stands there may be for another server. */
export function addToken(url: string, token: string): string {
  const [path = "", ...query] = url.replace(/#.*$/s, "").split("?");
  const others = query
    .join("?")
    .split("&")
    .filter((part) => part !== "" && !/^token(?:=|$)/.test(part));
  return `${path}?${[...others, `token=${token}`].join("&")}`;
}

/** WeChat's live-player takes FLV over HTTP only from a path that ends so. */
function suffixOf(url: string): string {
  return /^https?:/i.test(url) ? ".flv" : "";
}

/** What a parser would repair is refused: others would read it otherwise. */
const PLAIN_URL = /^(?!.*\/\.\.?(?:[/?#]|$))[^\s\p{C}]+$/u;

function splitUrl(text: string): { origin: string; path: string } | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return undefined;
  const port = url.port === "" && url.protocol === "rtmp:" ? RTMP_PORT : url.port;
  return { origin: `${url.protocol}//${url.hostname.toLowerCase()}:${port}`, path: url.pathname };
}
