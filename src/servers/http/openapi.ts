import { z } from "zod";
import type { Content, Operation } from "./operation.ts";
import { ErrorView, views } from "./views.ts";

const schemaUri = (id: string) => `#/components/schemas/${id}`;
/** OpenAPI 3.1 names a security scheme by its key. */
const TOKEN = "token";

/** The OpenAPI 3.1 document, whose schemas are the very ones that the answers are typed by. */
export function describeApi(operations: readonly Operation[], version: string) {
  const paths: Record<string, Record<string, ReturnType<typeof describe>>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "nway-wx",
      version,
      description:
        "What the gateway is doing, and calls to telephones. Reading needs the token where others than this machine can reach it, writing always.",
    },
    paths,
    components: {
      schemas: describeSchemas(),
      securitySchemes: {
        [TOKEN]: { type: "http", scheme: "bearer", description: "token of [api]" },
      },
    },
  };
}

function describe({ method, path, id, summary, query, body, status, response }: Operation) {
  const parameters = [...describePathParameters(path), ...describeQuery(query)];
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: describeContent(body) } }),
    ...(method !== "get" && { security: [{ [TOKEN]: [] }] }),
    responses: {
      [status]: {
        description: "The answer",
        ...(response !== undefined && { content: describeContent(response) }),
      },
      default: {
        description: "Why there is no answer",
        content: describeContent(
          response !== undefined && "text" in response ? { text: "-ERR NO_ROUTE\n" } : { json: ErrorView },
        ),
      },
    },
  };
}

function describeContent(content: Content) {
  if ("text" in content)
    return { "text/plain": { schema: { type: "string" }, example: content.text } } as const;
  return { "application/json": { schema: { $ref: schemaUri(idOf(content.json)) } } } as const;
}

function idOf(schema: z.ZodType): string {
  const id = views.get(schema)?.id;
  if (id === undefined) throw new TypeError("a schema without a name");
  return id;
}

function describePathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
}

function describeQuery(query: z.ZodObject | undefined) {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    ...describeInput(schema),
  }));
}

/** The text that a person writes, before it is read. */
function describeInput(schema: unknown) {
  if (!(schema instanceof z.ZodType)) return {};
  const { $schema: _, description, ...input } = z.toJSONSchema(schema, { io: "input" });
  return { description, schema: input };
}

function describeSchemas() {
  const { schemas } = z.toJSONSchema(views, { uri: schemaUri, override: dropPattern });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}

/** `format: date-time` says it; the pattern behind it is a page of digits. */
function dropPattern({ jsonSchema }: { jsonSchema: { format?: string; pattern?: string } }): void {
  if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
}
