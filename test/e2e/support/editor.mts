import type { Locator, Page } from 'playwright-core';

import type { Login } from '../../../scripts/n8n/editor.mts';

/** What a person does in n8n's editor, in its words. Nothing here waits for a time: only for what is to be seen. */
export class Screen {
	constructor(
		readonly page: Page,
		private readonly url: string,
	) {}

	get panel(): Locator {
		return this.page.getByTestId('ndv');
	}

	get credential(): Locator {
		return this.page.getByTestId('editCredential-modal');
	}

	get output(): Locator {
		return this.page.getByTestId('output-panel');
	}

	async logIn({ email, password }: Login): Promise<void> {
		await this.page.goto(this.url);
		await this.page.locator('input[name=emailOrLdapLoginId]').fill(email);
		await this.page.locator('input[name=password]').fill(password);
		await this.page.getByRole('button', { name: 'Sign in' }).click();
		await this.page.waitForURL(/\/home\//);
	}

	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/workflow/new`);
		await this.page.getByTestId('canvas-plus-button').click();
	}

	async openWorkflow(id: string): Promise<void> {
		await this.page.goto(`${this.url}/workflow/${id}`);
	}

	/** Types into the search of the panel that nodes are picked from. @returns the entry of our node */
	async searchNode(words: string): Promise<Locator> {
		await this.page.getByTestId('node-creator-search-bar').fill(words);
		const entry = this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: /^\s*RingMe\s*$/ });
		await entry.waitFor();
		return entry;
	}

	/** From an open panel to a node with an action, as its list names it. */
	async pickAction(name: string): Promise<void> {
		await (await this.searchNode('RingMe')).click();
		await this.page
			.getByTestId('node-creator-category-item')
			.filter({ hasText: 'Actions' })
			.click();
		await this.pickListed(name);
	}

	async pickTrigger(name: string): Promise<void> {
		await (await this.searchNode('RingMe')).click();
		await this.pickListed(name);
	}

	private async pickListed(name: string): Promise<void> {
		await this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) })
			.click();
		await this.panel.waitFor();
	}

	/** Chooses in a dropdown of the open node. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.panel.getByTestId(`parameter-input-${parameter}`).click();
		await this.page
			.locator('.el-select-dropdown__item:visible')
			.filter({ has: this.page.getByText(option, { exact: true }) })
			.click();
	}

	/** Opens the list of records of a parameter. @returns its entries */
	async openList(parameter: string): Promise<Locator> {
		await this.panel.getByTestId(`resource-locator-${parameter}`).getByTestId('rlc-input').click();
		const entries = this.page.getByTestId('rlc-item');
		await entries.first().waitFor();
		return entries;
	}

	async execute(): Promise<void> {
		const button = this.panel.getByTestId('node-execute-button');
		await button.click();
		await this.output.getByTestId('node-run-status-success').waitFor();
		await button.getByText('Execute step').waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.panel.waitFor({ state: 'hidden' });
	}

	/** Types into inputs of the open credential and saves it. */
	async saveCredential(values: Record<string, string>): Promise<void> {
		for (const [name, value] of Object.entries(values)) {
			await this.credential.getByTestId(`parameter-input-${name}`).locator('input').fill(value);
		}
		await this.credential.getByTestId('credential-save-button').click();
	}

	async closeCredential(): Promise<void> {
		await this.credential.getByRole('button', { name: 'Close this dialog' }).click();
		await this.credential.waitFor({ state: 'hidden' });
	}
}
