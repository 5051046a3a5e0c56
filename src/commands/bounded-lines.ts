/** The part of `process.stderr` that is needed. */
export type LineStream = { write(text: string, onWritten: () => void): unknown };

/** What waits for whoever reads the other end of a pipe. */
const MAX_WAITING_CHARS = 1024 * 1024;

/**
 * Writes lines to a stream that may not be read, such as the pipe of a log collector that stands still: lines beyond a
 * megabyte are left out, and one line then tells how many they were.
 */
export function boundLines(stream: LineStream): (line: string) => void {
  let waitingChars = 0;
  let droppedCount = 0;

  function write(line: string): void {
    waitingChars += line.length;
    stream.write(line, () => {
      waitingChars -= line.length;
      if (droppedCount === 0 || waitingChars > MAX_WAITING_CHARS / 2) return;
      const count = droppedCount;
      droppedCount = 0;
      write(`nway-wx: ${count} lines are left out here: nobody read them in time\n`);
    });
  }

  return (line) => {
    if (droppedCount > 0 || waitingChars + line.length > MAX_WAITING_CHARS) droppedCount += 1;
    else write(line);
  };
}
