import { parse } from "ini";
import { readIni } from "../../src/config/ini.ts";
import { resolveConfig } from "../../src/config/resolve.ts";
import type { FuzzTarget } from "./fuzz.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder("utf-8");

export const target: FuzzTarget = {
  name: "ini",
  seeds: [
    '\ufeff[server]\r\naddr=[::1]:18123\r\nfs_auth="a;\\"b"\r\n',
    "# x\n[users]\nuser1=lihao\npassword1=1234\n[user]\nuser_number=1\n",
    "[settings]\nptime=20\nuse_flv = yes\n;\n[log]\nlevel='warn'\n",
    "[server]\nbase_pull_url=rtmp://h/live/\nuse_callout=true\ncallout_gateway=g\\;w\n",
  ].map((text) => utf8.encode(text)),
  run(input) {
    const text = decoder.decode(input);
    const reading = readIni(text, "x.ini");
    if (reading.problems.length > 0) return;
    resolveConfig([reading], false);
    const whole = parse(text.replace(/^\ufeff/, ""));
    for (const { section, key, text: value } of reading.entries) {
      const values: unknown = whole[section];
      const same = typeof values === "object" && values !== null && key in values;
      const other = same ? Object.entries(values).find(([name]) => name === key)?.[1] : undefined;
      if (String(other) !== value)
        throw new Error(`[${section}] ${key}: read ${value}, the library reads ${other}`);
    }
  },
};
