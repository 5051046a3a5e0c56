import { expect, test } from "bun:test";
import { z } from "zod";
import { describeApi } from "../../../src/servers/http/openapi.ts";
import { OPERATIONS } from "../../../src/servers/http/operations.ts";

const document = describeApi(OPERATIONS, "1.2.3");
const text = JSON.stringify(document);

test("names the version and every page", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(document.info.version).toBe("1.2.3");
  expect(Object.keys(document.paths)).toEqual(["/healthz", "/api/calls", "/api/streams", "/api/users"]);
});

test("points only at schemas that it holds", () => {
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    (match) => match[1] ?? "",
  );
  expect(references.length).toBeGreaterThan(8);
  expect(references.filter((id) => !(id in document.components.schemas))).toEqual([]);
  expect(text).not.toContain("$id");
});

test("answers each page with a schema of its own, and errors with one for all", () => {
  const schemas = Object.values(document.paths).map(({ get }) => [
    get.responses["200"].content["application/json"].schema.$ref,
    get.responses.default.content["application/json"].schema.$ref,
  ]);
  const named = (id: string) => [`#/components/schemas/${id}`, "#/components/schemas/Error"];
  expect(schemas).toEqual([named("Health"), named("CallList"), named("StreamList"), named("UserList")]);
});

test("says which fields may be absent", () => {
  const { required } = z.object({ required: z.array(z.string()) }).parse(document.components.schemas.Call);
  expect(required).toEqual(["callId", "state", "caller", "callee", "mediaAttribute", "startedAt", "streams"]);
});
