/** What the person reads when Gantry cannot start. */
import { GantryError } from '#shared/contract/error.ts';

/** Title and text of the message box. An error that names itself is for the person; others are for the report. */
export function describeStartFailure(error: unknown): { readonly title: string; readonly text: string } {
  if (error instanceof GantryError) return { title: 'Gantry cannot start', text: error.message };
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    title: 'Gantry cannot start',
    text: `This is a fault of Gantry. Your repositories were not touched.\n\n${detail}`,
  };
}
