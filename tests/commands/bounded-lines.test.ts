import { expect, test } from "bun:test";
import { boundLines } from "../../src/commands/bounded-lines.ts";

/** A pipe that is read only when told. */
function makePipe() {
  const waiting: { text: string; onWritten: () => void }[] = [];
  const read: string[] = [];
  return {
    waiting,
    read,
    write: (text: string, onWritten: () => void) => void waiting.push({ text, onWritten }),
    drain(count: number) {
      for (const { text, onWritten } of waiting.splice(0, count)) {
        read.push(text);
        onWritten();
      }
    },
  };
}

const LINE = `${"x".repeat(1023)}\n`;

test("a pipe that nobody reads holds a megabyte; who reads again is told what is left out", () => {
  const pipe = makePipe();
  const write = boundLines(pipe);
  for (let n = 0; n < 5_000; n++) write(LINE);
  expect(pipe.waiting).toHaveLength(1024);
  pipe.drain(1024);
  write("news\n");
  pipe.drain(10);
  expect(pipe.read.filter((text) => text !== LINE)).toEqual([
    "nway-wx: 3976 lines are left out here: nobody read them in time\n",
    "news\n",
  ]);
});

test("who is read at once loses nothing", () => {
  const pipe = makePipe();
  const write = boundLines(pipe);
  for (let n = 0; n < 5_000; n++) {
    write(LINE);
    pipe.drain(1);
  }
  expect(pipe.read).toHaveLength(5_000);
});
