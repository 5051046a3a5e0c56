import { expect, test } from "bun:test";
import { findCircles } from "./circles.ts";
import { readSources } from "./source.ts";

test("no files of src import each other, types included", async () => {
  expect(findCircles(await readSources("src/**/*.ts"))).toEqual([]);
});

const A_TO_B = { path: "src/a.ts", text: 'import type { B } from "./x/b.ts";' };
const B_TO_C = { path: "src/x/b.ts", text: 'export { c } from "../c.ts";' };
const C_TO_A = { path: "src/c.ts", text: 'const a = await import("./a.ts");' };
const D_TO_A = { path: "src/d.ts", text: 'import { a } from "./a.ts";' };

test("a circle is one line, whichever way it is closed", () => {
  expect(findCircles([A_TO_B, B_TO_C, C_TO_A, D_TO_A])).toEqual(["src/a.ts, src/c.ts, src/x/b.ts"]);
  const ofTwo = [
    { path: "src/e.ts", text: 'import { f } from "./f.ts";' },
    { path: "src/f.ts", text: 'import {\n  type E,\n} from "./e.ts";' },
  ];
  expect(findCircles([...ofTwo, A_TO_B])).toEqual(["src/e.ts, src/f.ts"]);
});

test("files that share what they import are no circle", () => {
  const others = [D_TO_A, { path: "src/g.ts", text: 'import "./d.ts";\nimport "./a.ts";' }];
  expect(findCircles([A_TO_B, B_TO_C, ...others])).toEqual([]);
  expect(findCircles([A_TO_B, { ...B_TO_C, text: '// import "../a.ts";' }])).toEqual([]);
});
