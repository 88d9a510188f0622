/** What the shapes of commands are written with. */
import { z } from 'zod';

/** A command of one kind, stamped with its proposer's time. */
export const commandShape = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.object({ kind: z.literal(kind), atMs: z.number().int().nonnegative(), ...shape });

export const count = z.number().int().nonnegative();
export const label = z.string().max(1_000);
export const detail = z.string().max(100_000);
