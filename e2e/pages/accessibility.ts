/** The panel as an assistive program meets it. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from 'playwright/test';

/** Colours are measured once fades have ended; what turns for ever is left alone. */
const untilStill = `Promise.allSettled(document.getAnimations()
  .filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime))
  .map((each) => each.finished))`;

/** Fails, naming the rules and the elements, when axe finds anything wrong with what is shown now. */
export async function expectNoViolations(page: Page, where: string): Promise<void> {
  await page.evaluate(untilStill);
  // In its other mode it opens a page of its own, which Electron refuses.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const found = violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html}`));
  expect(found, where).toEqual([]);
}
