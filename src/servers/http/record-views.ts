import { z } from "zod";
import { CallRecord } from "../../records/call-record.ts";
import { views } from "./views.ts";

views.add(CallRecord, { id: "CallRecord", description: "A call that has ended." });

export const RecordsView = z
  .object({
    records: z.array(CallRecord),
    next: z
      .int()
      .optional()
      .meta({ description: "`before` of the next page, which is older. Absent on the last." }),
  })
  .register(views, { id: "RecordList", description: "The last calls that have ended, the newest first." });

export type RecordsView = z.infer<typeof RecordsView>;

const MAX_PAGE = 200;

/** The texts of a query. */
export const RecordQueryView = z.strictObject({
  limit: wholeNumber(1, MAX_PAGE).default(50).meta({ description: "How many at most.", default: 50 }),
  before: wholeNumber(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: "`next` of the page before." }),
  party: z.string().max(256).optional().meta({ description: "A user or number, on either side." }),
});

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most));
}
