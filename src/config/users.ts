import { z } from "zod";
import type { Words } from "./kinds.ts";

/** The keys of [users]: user{n} and password{n}. */
export const USER_KEY = /^(user|password)([1-9]\d{0,5})$/;

const USER_NAME = /^[\p{L}\p{N}_.@+*#-]{1,64}$/u;
export const USER_NAME_ALLOWED = "1 to 64 letters, digits and . _ - + @ * #";
const MAX_PASSWORD_LENGTH = 200;

export function isUserName(text: string): boolean {
  return USER_NAME.test(text);
}

/** user{n} and password{n} become name → password; issues carry the key they are about. */
export const usersSchema = z.record(z.string(), z.string()).transform((pairs, context) => {
  const users = new Map<string, string>();
  const refuse = (key: string, message: string) => {
    context.addIssue({ code: "custom", path: [key], message });
  };
  for (const key of Object.keys(pairs).sort(byNumber)) {
    const [, what = "", number = ""] = USER_KEY.exec(key) ?? [];
    const value = pairs[key] ?? "";
    if (what === "password") {
      if (pairs[`user${number}`] === undefined) refuse(key, `there is no user${number} that it belongs to`);
      else if (value.length > MAX_PASSWORD_LENGTH)
        refuse(key, `allowed are at most ${MAX_PASSWORD_LENGTH} characters`);
      continue;
    }
    const password = pairs[`password${number}`];
    if (!USER_NAME.test(value))
      refuse(key, `found ${JSON.stringify(value.slice(0, 100))}, allowed: ${USER_NAME_ALLOWED}`);
    else if (users.has(value)) refuse(key, `the user ${value} is named twice`);
    else if (password === undefined) refuse(key, `the user ${value} has no password: add password${number}`);
    users.set(value, password ?? "");
  }
  return users as ReadonlyMap<string, string>;
});

function byNumber(left: string, right: string): number {
  return Number(left.replace(/\D/g, "")) - Number(right.replace(/\D/g, "")) || (left < right ? 1 : -1);
}

/** [users] for the files and the READMEs; n stands for 1, 2, 3 and so on. */
export const usersDoc: Words & { readonly keys: ReadonlyMap<string, Words & { readonly allowed: Words }> } = {
  en: "Who may register: a name and a password each, numbered from 1.",
  zh: "允许注册的用户：用户名与密码成对，从 1 开始编号。",
  keys: new Map([
    [
      "user{n}",
      {
        en: "Name of user n; others call it by this name.",
        zh: "第 n 个用户的名称，也是别人呼叫它的号码。",
        allowed: { en: USER_NAME_ALLOWED, zh: "1 至 64 个字母、数字或 . _ - + @ * #" },
      },
    ],
    [
      "password{n}",
      {
        en: "Password of user n.",
        zh: "第 n 个用户的密码。",
        allowed: {
          en: `1 to ${MAX_PASSWORD_LENGTH} characters`,
          zh: `1 至 ${MAX_PASSWORD_LENGTH} 个字符`,
        },
      },
    ],
  ]),
};
