/** What all answers of an engine have in common. */
import { z } from 'zod';

/** Go says `null` for what is empty, and leaves out what is not there. */
export function orNull<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? null);
}

/** Labels; none are `{}`. */
export const labelsSchema = z
  .record(z.string(), z.string())
  .nullish()
  .transform((labels) => labels ?? {});

/** Milliseconds since 1970; null for Go's zero time, which says "never". */
export function instantMs(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) || ms <= 0 ? null : ms;
}

/** The filter for objects that carry all of these labels; null asks for the label alone. */
export function labelFilters(labels: Readonly<Record<string, string | null>>): { label: string[] } {
  return { label: Object.entries(labels).map(([key, value]) => (value === null ? key : `${key}=${value}`)) };
}
