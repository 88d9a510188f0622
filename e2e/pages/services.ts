import type { Locator, Page } from 'playwright/test';

/** What runs for people: the topology or its table, and one service in the panel. */
export class ServicesPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get topology(): Locator {
    return this.#page.getByRole('region', { name: 'Topology' });
  }

  get table(): Locator {
    return this.#page.getByRole('table', { name: 'Services' });
  }

  /** A service in the graph or in the table. */
  node(name: string): Locator {
    return this.#page
      .getByRole('region', { name: 'Services', exact: true })
      .getByRole('button', { name: new RegExp(`\\b${name}\\b`) })
      .and(this.#page.locator('[aria-pressed]'));
  }

  panel(name: string): Locator {
    return this.#page.getByRole('complementary', { name: `Service ${name}` });
  }

  /** The replicas of a service, one row each, without the head. */
  replicas(name: string): Locator {
    return this.#page
      .getByRole('table', { name: `Replicas of ${name}` })
      .getByRole('row')
      .filter({ has: this.#page.getByRole('cell') });
  }

  /** Opens a service in the panel. */
  async open(name: string): Promise<Locator> {
    await this.node(name).click();
    await this.panel(name).waitFor();
    return this.panel(name);
  }

  /** Shows the graph or the table. */
  async show(shape: 'Graph' | 'Table'): Promise<void> {
    await this.#page.getByRole('group', { name: 'View' }).getByRole('button', { name: shape }).click();
  }
}
