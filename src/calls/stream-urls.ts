import { STREAM_KEY } from "../media/gate.ts";
import { isMiniProgram } from "./mini-programs.ts";

/** How somebody reaches this machine; a registered client is one. */
export type Reach = {
  /** As it stands in a URL. */
  readonly host: string;
  /** Whether its signaling is encrypted. */
  readonly isSecure: boolean;
  /** Its kind; empty if it does not say. */
  readonly appname: string;
};

/** Of those of whom no more is known than where they find us. */
export function plainReach(host: string): Reach {
  return { host, isSecure: false, appname: "" };
}

export type StreamUrlsOptions = {
  /** `base_push_url` and `base_pull_url`; empty for the embedded media server. */
  readonly pushBase: string;
  readonly pullBase: string;
  /** The port of the embedded RTMP server, asked when a URL is made. */
  readonly rtmpPort: () => number;
  /** Where streams can be encrypted too. */
  readonly secure?: {
    readonly rtmpsPort: () => number;
    /** `[tls] stream_urls` */
    readonly choice: "follow" | "rtmp" | "rtmps";
    /** `[settings] program_name`: the kind of those who don't say. */
    readonly defaultAppname: string;
  };
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

  push(reach: Reach, key: string, token: string): string {
    return addToken(this.#base(this.#options.pushBase, reach.host, this.#isSecureFor(reach)) + key, token);
  }

  pull(reach: Reach, key: string, token: string): string {
    const base = this.#base(this.#options.pullBase, reach.host, this.#isSecureFor(reach));
    return addToken(base + key + suffixOf(base), token);
  }

  /** The stream key of a URL that lies right under one of our bases; undefined otherwise. */
  findKey(host: string, url: string): string | undefined {
    const given = splitUrl(url);
    if (given === undefined || !PLAIN_URL.test(url)) return undefined;
    for (const base of this.#listBases(host)) {
      const ours = splitUrl(base);
      if (ours === undefined || ours.origin !== given.origin || !given.path.startsWith(ours.path)) continue;
      const name = given.path.slice(ours.path.length);
      const suffix = suffixOf(ours.origin);
      const key = suffix !== "" && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
      if (STREAM_KEY.test(key)) return key;
    }
    return undefined;
  }

  #listBases(host: string): string[] {
    const { pushBase, pullBase, secure } = this.#options;
    const ways = secure === undefined ? [false] : [false, true];
    return [pushBase, pullBase].flatMap((base) => ways.map((isSecure) => this.#base(base, host, isSecure)));
  }

  #base(configured: string, host: string, isSecure: boolean): string {
    const base = configured === "" ? this.#ownBase(host, isSecure) : configured;
    return base.endsWith("/") ? base : `${base}/`;
  }

  #ownBase(host: string, isSecure: boolean): string {
    const { rtmpPort, secure } = this.#options;
    if (secure === undefined || !isSecure) return `rtmp://${host}:${rtmpPort()}/live/`;
    return `rtmps://${host}:${secure.rtmpsPort()}/live/`;
  }

  #isSecureFor({ isSecure, appname }: Reach): boolean {
    const { secure } = this.#options;
    if (secure === undefined || secure.choice !== "follow") return secure?.choice === "rtmps";
    return isSecure && !isMiniProgram(appname, secure.defaultAppname);
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
