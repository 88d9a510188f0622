import type { Locator, Page } from 'playwright/test';

/** What moved the target, newest first, and the plan of going back. */
export class TimelinePage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get entries(): Locator {
    return this.#page.getByRole('list', { name: 'Checkpoints, newest first' }).getByRole('listitem');
  }

  entry(title: string | RegExp): Locator {
    return this.entries.filter({ has: this.#page.getByRole('button', { name: title }) });
  }

  /** The dialog that shows the plan. */
  get plan(): Locator {
    return this.#page.getByRole('dialog', { name: /^Roll back to / });
  }

  get confirm(): Locator {
    return this.plan.getByRole('button', { name: /^Roll back \d/ });
  }

  /** Opens the plan for going back to an entry, and waits until it is computed. */
  async openPlan(title: string | RegExp): Promise<Locator> {
    await this.entries.getByRole('button', { name: title }).click();
    await this.plan.getByRole('region', { name: 'The plan' }).waitFor();
    return this.plan;
  }
}
