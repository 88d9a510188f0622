import type { Locator, Page } from 'playwright/test';
import { LaneDrawer } from './lane-drawer.ts';

/** The view of all lanes. */
export class LanesPage {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get grid(): Locator {
    return this.#page.getByRole('grid', { name: 'Lanes' });
  }

  /** The row of a lane, by its task's title. */
  row(title: string): Locator {
    return this.grid.getByRole('row').filter({ hasText: title });
  }

  /** The word of a lane's mark: "Running", "Needs input". */
  mark(title: string, word: string): Locator {
    return this.row(title).getByRole('img', { name: word, exact: true });
  }

  /** Unfolds the rows of a state that is folded at first: merged and stopped lanes. */
  async unfold(word: string): Promise<void> {
    await this.grid.getByRole('button', { name: new RegExp(`^${word}, `), expanded: false }).click();
  }

  /** The chip that filters by a state. */
  filter(word: string): Locator {
    return this.#page.getByRole('toolbar', { name: 'Filter by state' }).getByRole('button', { name: word });
  }

  /** The drawer, whichever lane it shows. */
  get drawer(): LaneDrawer {
    return new LaneDrawer(this.#page, this.#page.getByRole('complementary', { name: /^Lane \d+$/ }));
  }

  /** Opens a lane beside the grid. */
  async open(title: string): Promise<LaneDrawer> {
    await this.row(title).getByText(title, { exact: true }).click();
    const drawer = this.drawer;
    await drawer.root.getByRole('heading', { name: title }).waitFor();
    return drawer;
  }
}
