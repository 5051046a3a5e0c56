/** A voice thread with a bug that never ends. */
declare const self: Worker;

self.onmessage = () => {
  for (;;);
};
