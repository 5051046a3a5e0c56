import { z } from "zod";
import type { Operation } from "./operations.ts";
import { views } from "./views.ts";

const schemaUri = (id: string) => `#/components/schemas/${id}`;

/** The OpenAPI 3.1 document, whose schemas are the very ones that the answers are typed by. */
export function describeApi(operations: readonly Operation[], version: string) {
  return {
    openapi: "3.1.0",
    info: {
      title: "nway-wx",
      version,
      description: "What the gateway is doing now. Read-only, loopback only.",
    },
    paths: Object.fromEntries(
      operations.map((operation) => [operation.path, { get: describeGet(operation) }]),
    ),
    components: { schemas: describeSchemas() },
  };
}

function describeGet({ id, summary, response }: Operation) {
  return {
    operationId: id,
    summary,
    responses: {
      "200": describeResponse("The answer", idOf(response)),
      default: describeResponse("Why there is no answer", "Error"),
    },
  };
}

function describeResponse(description: string, schemaId: string) {
  return { description, content: { "application/json": { schema: { $ref: schemaUri(schemaId) } } } };
}

function idOf(schema: z.ZodType): string {
  return views.get(schema)?.id ?? "Error";
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
