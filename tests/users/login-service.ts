import { createHmac } from "node:crypto";

export type Asked = Readonly<Record<string, unknown>>;

/** An operator's login service: answers what `answer` makes of a question, if its signature is right. */
export function startLoginService(secret: string, answer: (asked: Asked) => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = await request.text();
      const time = request.headers.get("x-nway-timestamp") ?? "";
      const signature = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");
      if (request.headers.get("x-nway-signature") !== `sha256=${signature}`)
        return new Response("", { status: 400 });
      const question: Asked = JSON.parse(body);
      asked.push(question);
      return await answer(question);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/login`,
    asked,
    stop: () => server.stop(true),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
