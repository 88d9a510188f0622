import type { Locator, Page } from 'playwright/test';

/** The Raft nodes and the drills. */
export class ClusterPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** The card of one node. */
  node(id: string): Locator {
    return this.#page.getByRole('article', { name: id });
  }

  get nodes(): Locator {
    return this.#page.getByRole('region', { name: 'Nodes' }).getByRole('article');
  }

  /** The one that leads. */
  get leader(): Locator {
    return this.nodes.filter({ has: this.#page.getByText('Leader', { exact: true }) });
  }

  /** The line of a drill, by its title. */
  drill(title: string): Locator {
    return this.#page.getByRole('main').getByRole('listitem').filter({ hasText: title });
  }

  /** Begins a drill on a node. */
  async run(title: string, deed: string): Promise<void> {
    await this.drill(title).getByRole('button').click();
    await this.#page.getByRole('menuitem', { name: deed }).click();
  }
}
