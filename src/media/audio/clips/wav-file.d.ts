/** What `with { type: "file" }` gives: a path that Bun.file opens. */
declare module "*.wav" {
  const path: string;
  export = path;
}
