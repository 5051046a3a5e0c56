import { connect, type Socket } from "node:net";
import { waitFor } from "../wait.ts";

/** Asks a FreeSWITCH from outside, one command at a time; knows nothing of the project's own driver. */
export class EslClient implements AsyncDisposable {
  readonly #socket: Socket;
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("latin1");
    socket.on("data", (text) => {
      this.#text += String(text);
    });
    socket.on("error", () => {});
  }

  static async open(host: string, port: number, password: string): Promise<EslClient> {
    const client = new EslClient(connect({ host, port, noDelay: true }));
    await client.#readMessage();
    const answer = await client.#ask(`auth ${password}`);
    if (!answer.head.includes("+OK")) throw new Error(`FreeSWITCH refuses: ${answer.head}`);
    return client;
  }

  async api(command: string): Promise<string> {
    return (await this.#ask(`api ${command}`)).body;
  }

  async bgapi(command: string): Promise<void> {
    await this.#ask(`bgapi ${command}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  #ask(command: string): Promise<{ head: string; body: string }> {
    this.#socket.write(`${command}\n\n`);
    return this.#readMessage();
  }

  async #readMessage(): Promise<{ head: string; body: string }> {
    return await waitFor("FreeSWITCH's answer", () => {
      const headEnd = this.#text.indexOf("\n\n");
      if (headEnd < 0) return undefined;
      const head = this.#text.slice(0, headEnd);
      const end = headEnd + 2 + Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? 0);
      if (this.#text.length < end) return undefined;
      const body = this.#text.slice(headEnd + 2, end);
      this.#text = this.#text.slice(end);
      return { head, body };
    });
  }
}
