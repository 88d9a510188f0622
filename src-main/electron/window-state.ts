/** Where the window was, and where it goes: remembered, but never off the screens that are there now. */
import { z } from 'zod';

const rectangleSchema = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().min(200).max(20_000),
  height: z.number().int().min(200).max(20_000),
});
const windowStateSchema = z.object({ bounds: rectangleSchema, isMaximized: z.boolean() });

/** In density-independent pixels. */
export type Rectangle = z.infer<typeof rectangleSchema>;
export type WindowState = z.infer<typeof windowStateSchema>;

/** The panel is laid out from here on. */
export const windowSizeMin = { width: 1_024, height: 700 } as const;
const firstSize = { width: 1_440, height: 900 } as const;

/** At least this much of the window must be on a screen, else it could not be moved back. */
const visiblePixelsMin = 100;

/** Reads what `formatWindowState` wrote; null for anything else. */
export function parseWindowState(text: string): WindowState | null {
  try {
    return windowStateSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** Writes it. */
export function formatWindowState(state: WindowState): string {
  return `${JSON.stringify(state)}\n`;
}

/**
 * The bounds to open with: the saved ones where a screen still shows enough of them, else the
 * middle of the first of `workAreas`, which has at least one.
 */
export function placeWindow(saved: WindowState | null, workAreas: readonly [Rectangle, ...Rectangle[]]): WindowState {
  if (saved !== null && workAreas.some((area) => isReachable(saved.bounds, area))) return saved;
  const [area] = workAreas;
  const width = Math.min(firstSize.width, area.width);
  const height = Math.min(firstSize.height, area.height);
  return {
    bounds: {
      x: area.x + Math.floor((area.width - width) / 2),
      y: area.y + Math.floor((area.height - height) / 2),
      width,
      height,
    },
    isMaximized: saved?.isMaximized ?? false,
  };
}

function isReachable(bounds: Rectangle, area: Rectangle): boolean {
  const overlapX = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  const overlapY = Math.min(bounds.y + bounds.height, area.y + area.height) - Math.max(bounds.y, area.y);
  // The title bar is at the top: it must be inside, whatever hangs over below.
  return overlapX >= visiblePixelsMin && overlapY >= visiblePixelsMin && bounds.y >= area.y;
}
