import { z } from "zod";
import { isLoopbackHost } from "../addresses.ts";

/** A network address as the files write it: `host:port`, an IPv6 host in brackets, which are not part of `host`. */
export type Address = { readonly host: string; readonly port: number };

/** The type of a key: how its text becomes a value, and how the allowed texts are described to a person. */
export type Kind<T> = { readonly schema: z.ZodType<T, string>; readonly allowed: Words };

/** The languages of the papers and of the comments in settings files. */
export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same in each language. */
export type Words = Readonly<Record<Language, string>>;

const MAX_TEXT_LENGTH = 1000;
/** Without control characters: some of these texts are sent on in line-based protocols. */
const text = z
  .string()
  .max(MAX_TEXT_LENGTH)
  .regex(/^\P{Cc}*$/u);

const TRUE_WORDS = ["yes", "true", "on", "1"];
const FALSE_WORDS = ["no", "false", "off", "0"];

/** The manual mixes yes/no and true/false, so every key takes either. */
export const flag: Kind<boolean> = {
  schema: z.stringbool({ truthy: TRUE_WORDS, falsy: FALSE_WORDS }),
  allowed: {
    en: "true or false (also yes/no, on/off, 1/0)",
    zh: "true 或 false（也可写 yes/no、on/off、1/0）",
  },
};

const UNITS = { seconds: " 秒", milliseconds: " 毫秒" } as const;

export function wholeNumber(least: number, most: number, unit?: keyof typeof UNITS): Kind<number> {
  const [en, zh] = unit === undefined ? ["", ""] : [` of ${unit}`, UNITS[unit]];
  return {
    schema: text
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .pipe(z.number().min(least).max(most)),
    allowed: { en: `a whole number${en} from ${least} to ${most}`, zh: `${least} 至 ${most}${zh}` },
  };
}

/** `auto`, which yields undefined, or a whole number. */
export function autoOr(least: number, most: number): Kind<number | undefined> {
  const number = wholeNumber(least, most);
  return {
    schema: text.transform((word, context) => {
      if (word.toLowerCase() === "auto") return undefined;
      const read = number.schema.safeParse(word);
      if (read.success) return read.data;
      context.addIssue("refused");
      return z.NEVER;
    }),
    allowed: { en: `auto, or ${number.allowed.en}`, zh: `auto，或 ${number.allowed.zh}` },
  };
}

/** One of `values`, whatever its case; yields the spelling that stands in `values`. */
export function oneOf<const T extends string>(
  values: readonly T[],
  shown: readonly string[] = values,
): Kind<T> {
  const known = new Map(values.map((value) => [value.toLowerCase(), value]));
  return {
    schema: refusing((word) => known.get(word.toLowerCase())),
    allowed: { en: shown.join(", "), zh: shown.join("、") },
  };
}

/** Some of `values`, each once, separated by commas; yields the spelling that stands in `values`. */
export function someOf<const T extends string>(
  values: readonly T[],
  shown: readonly string[] = values,
): Kind<readonly T[]> {
  const known = new Map(values.map((value) => [value.toLowerCase(), value]));
  return {
    schema: refusing((list) => {
      const words = list.split(/[\s,]+/).filter((word) => word !== "");
      const found = words.flatMap((word) => known.get(word.toLowerCase()) ?? []);
      return found.length === words.length && found.length > 0 && new Set(found).size === found.length
        ? found
        : undefined;
    }),
    allowed: {
      en: `one or more of ${shown.join(", ")}, separated by commas`,
      zh: `${shown.join("、")} 中的一个或多个，以逗号分隔`,
    },
  };
}

/** One of `values`, written as whole numbers. */
export function oneNumberOf(values: readonly number[]): Kind<number> {
  return {
    schema: refusing((word) => values.find((value) => String(value) === word)),
    allowed: { en: values.join(", "), zh: values.join("、") },
  };
}

/** Listens here; port 0 lets the system choose. */
export const listenAddress: Kind<Address> = {
  schema: refusing((word) => parseAddress(word, 0)),
  allowed: {
    en: "host:port, such as 0.0.0.0:1935, 127.0.0.1:1935 or [::1]:1935",
    zh: "主机:端口，如 0.0.0.0:1935、127.0.0.1:1935、[::1]:1935",
  },
};

/** Where SIP peers reach this machine: it is told to them, so it must be a real one. */
export const ownAddress: Kind<Address> = {
  schema: refusing((word) => {
    const address = parseAddress(word, 0);
    return address !== undefined && isIpv4(address.host) && address.host !== "0.0.0.0" ? address : undefined;
  }),
  allowed: {
    en: "IPv4 address:port of this machine, such as 127.0.0.1:25560 or 10.0.0.5:25560; not 0.0.0.0",
    zh: "本机 IPv4 地址:端口，如 127.0.0.1:25560、10.0.0.5:25560；不可为 0.0.0.0",
  },
};

export const peerAddress: Kind<Address> = {
  schema: refusing((word) => parseAddress(word, 1)),
  allowed: {
    en: "host:port, such as 127.0.0.1:8021 or [::1]:8021",
    zh: "主机:端口，如 127.0.0.1:8021、[::1]:8021",
  },
};

export const streamUrl: Kind<string> = {
  schema: refusing(parseStreamUrl),
  allowed: {
    en: "a URL with rtmp, rtmps, http or https and a host, without user name, password, ? or #",
    zh: "rtmp、rtmps、http 或 https 的 URL，不含用户名、密码、? 与 #",
  },
};

export const webUrl: Kind<string> = {
  schema: refusing((word) => {
    const url = URL.parse(word);
    const isWeb =
      url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
    return isWeb && url.hash === "" ? word : undefined;
  }),
  allowed: {
    en: "a URL with http or https, without user name, password or #",
    zh: "http 或 https 的 URL，不含用户名、密码与 #",
  },
};

export const anyText: Kind<string> = {
  schema: text,
  allowed: {
    en: `a text of at most ${MAX_TEXT_LENGTH} characters`,
    zh: `不超过 ${MAX_TEXT_LENGTH} 个字符的文本`,
  },
};

export const filePath: Kind<string> = {
  schema: text,
  allowed: { en: "the path of a file, seen from the working directory", zh: "文件路径，相对于工作目录" },
};

export const folderPath: Kind<string> = {
  schema: text,
  allowed: { en: "the path of a folder, seen from the working directory", zh: "目录路径，相对于工作目录" },
};

/** One `?` for the name. The names of the columns are what the rows are read by. */
export const userQuery: Kind<string> = {
  schema: text.regex(/^\s*select\b(?=.*\buser_name\b)(?=.*\bpassword\b)[^?;]*\?[^?;]*$/i),
  allowed: {
    en: "a SELECT with one ? for the name that gives user_name and password: select login as user_name, pass as password from accounts where login = ?",
    zh: "一条用一个 ? 代表用户名、并给出 user_name 与 password 列的 SELECT，如 select login as user_name, pass as password from accounts where login = ?",
  },
};

/** RFC 6750, section 2.1: b64token; short ones could be guessed. */
export const bearerToken: Kind<string> = {
  schema: text.regex(/^[A-Za-z0-9._~+/-]{16,200}=*$/),
  allowed: {
    en: "16 to 200 letters, digits and . _ ~ + / -, such as openssl rand -hex 24 makes",
    zh: "16 至 200 个字母、数字或 . _ ~ + / -，可用 openssl rand -hex 24 生成",
  },
};

export const gatewayName: Kind<string> = {
  schema: text.regex(/^[\w.@:-]{1,100}$/),
  allowed: { en: "a gateway's name: letters, digits and . _ - @ :", zh: "网关名：字母、数字与 . _ - @ :" },
};

export const switchWord: Kind<string> = {
  schema: text.regex(/^[\w.-]{1,64}$/),
  allowed: { en: "letters, digits and . _ -, at most 64", zh: "字母、数字与 . _ -，不超过 64 位" },
};

export const callerNumber: Kind<string> = {
  schema: text.regex(/^[+0-9*#A-Za-z._-]{1,64}$/),
  allowed: {
    en: "a number: digits, letters and + * # . _ -, at most 64",
    zh: "号码：数字、字母与 + * # . _ -，不超过 64 位",
  },
};

export const extensionNumber: Kind<string> = {
  schema: text.regex(/^[0-9*#]{1,32}$/),
  allowed: { en: "a number to dial: digits, * and #, at most 32", zh: "号码：数字、* 与 #，不超过 32 位" },
};

/** IP addresses and networks such as 10.0.0.0/8, in the order given. */
export const networkList: Kind<readonly string[]> = {
  schema: refusing((list) => {
    const networks = list.split(/[\s,]+/).filter((network) => network !== "");
    return networks.every(isNetwork) ? networks : undefined;
  }),
  allowed: {
    en: "IP addresses or networks such as 10.0.0.0/8, separated by commas",
    zh: "IP 地址或网段（如 10.0.0.0/8），以逗号分隔",
  },
};

/** A schema of text whose reader says undefined to what it refuses. */
function refusing<T>(read: (word: string) => T | undefined): z.ZodType<T, string> {
  return text.transform((word, context) => {
    const value = read(word);
    if (value !== undefined) return value;
    context.addIssue("refused");
    return z.NEVER;
  });
}

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?)*$/;

function parseAddress(word: string, leastPort: number): Address | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(word);
  if (parts === null) return undefined;
  const [, ipv6, name = "", digits] = parts;
  const port = Number(digits);
  if (port < leastPort || port > 65535) return undefined;
  if (ipv6 !== undefined) return isIpv6(ipv6) ? { host: ipv6, port } : undefined;
  if (isIpv4(name)) return { host: name, port };
  return HOST_NAME.test(name) && !/^[\d.]+$/.test(name) ? { host: name, port } : undefined;
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True where only this machine itself can connect. */
export function isLoopback({ host }: Address): boolean {
  return isLoopbackHost(host);
}

function isNetwork(network: string): boolean {
  return [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()].some((form) => form.safeParse(network).success);
}

function isIpv4(word: string): boolean {
  return z.ipv4().safeParse(word).success;
}

function isIpv6(word: string): boolean {
  return z.ipv6().safeParse(word).success;
}

function parseStreamUrl(word: string): string | undefined {
  if (!/^(?:rtmps?|https?):\/\/[^/?#@\s]/i.test(word) || /[\s?#\\]/.test(word)) return undefined;
  const url = URL.parse(word);
  return url !== null && url.hostname !== "" && url.username === "" && url.password === "" ? word : undefined;
}
