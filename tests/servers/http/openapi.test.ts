import { expect, test } from "bun:test";
import { z } from "zod";
import { describeApi } from "../../../src/servers/http/openapi.ts";
import { OPERATIONS } from "../../../src/servers/http/operations.ts";

const document = describeApi(OPERATIONS, "1.2.3");
const text = JSON.stringify(document);

test("names the version and every page", () => {
  expect(document.openapi).toBe("3.1.0");
  expect(document.info.version).toBe("1.2.3");
  const pages = Object.entries(document.paths).map(
    ([path, item]) => `${path} ${Object.keys(item).join(" ")}`,
  );
  expect(pages).toEqual([
    "/healthz get",
    "/api/calls get post",
    "/api/calls/{callId} get delete",
    "/api/nway_wx_api post",
    "/api/streams get",
    "/api/users get",
    "/api/records get",
  ]);
});

test("points only at schemas that it holds", () => {
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    (match) => match[1] ?? "",
  );
  expect(references.length).toBeGreaterThan(8);
  expect(references.filter((id) => !(id in document.components.schemas))).toEqual([]);
  expect(text).not.toContain("$id");
});

const operations = Object.values(document.paths).flatMap((item) => Object.values(item));

test("answers each page with a schema of its own, and errors with one for all", () => {
  const named = operations.map(({ operationId, responses }) => {
    const success = Object.entries(responses).find(([status]) => status !== "default")?.[1];
    return [
      operationId,
      ...[success, responses.default].map((response) => JSON.stringify(response?.content)),
    ];
  });
  const json = (id: string) => `{"application/json":{"schema":{"$ref":"#/components/schemas/${id}"}}}`;
  const text = (example: string) => JSON.stringify({ "text/plain": { schema: { type: "string" }, example } });
  expect<unknown>(named).toEqual([
    ["getHealth", json("Health"), json("Error")],
    ["listCalls", json("CallList"), json("Error")],
    ["placeCall", json("OrderedCall"), json("Error")],
    ["getCall", json("Call"), json("Error")],
    ["endCall", undefined, json("Error")],
    ["placeCallByCommand", text("+OK c-1700\n"), text("-ERR NO_ROUTE\n")],
    ["listStreams", json("StreamList"), json("Error")],
    ["listUsers", json("UserList"), json("Error")],
    ["listRecords", json("RecordList"), json("Error")],
  ]);
});

test("asks for the token where something is changed, and describes path, query and body", () => {
  const secured = operations.filter(({ security }) => security !== undefined);
  expect(secured.map(({ operationId }) => operationId)).toEqual([
    "placeCall",
    "endCall",
    "placeCallByCommand",
  ]);
  expect(document.paths["/api/calls/{callId}"]?.delete?.parameters).toMatchObject([
    { name: "callId", in: "path", required: true },
  ]);
  expect(document.paths["/api/records"]?.get?.parameters).toMatchObject([
    { name: "limit", in: "query", schema: { type: "string" } },
    { name: "before", in: "query" },
    { name: "party", in: "query" },
  ]);
  expect(document.components.schemas.CallOrder).toMatchObject({
    additionalProperties: false,
    required: ["destination_number"],
    properties: { uuid: { pattern: "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", example: "c-1700" } },
  });
});

test("says which fields may be absent", () => {
  const { required } = z.object({ required: z.array(z.string()) }).parse(document.components.schemas.Call);
  expect(required).toEqual(["callId", "state", "caller", "callee", "mediaAttribute", "startedAt", "streams"]);
});
