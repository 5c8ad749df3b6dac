import type { Locator, Page } from 'playwright-core';

import type { Login } from '../../support/n8n/editor.mts';

/** n8n's editor in a browser. Its methods wait for what they cause to be visible, never for a fixed time. */
export class EditorPage {
	constructor(
		readonly page: Page,
		private readonly url: string,
	) {}

	get nodePanel(): Locator {
		return this.page.getByTestId('ndv');
	}

	get credentialDialog(): Locator {
		return this.page.getByTestId('editCredential-modal');
	}

	get outputPanel(): Locator {
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

	/** Searches the list of nodes. @returns the entry of our node */
	async searchNode(text: string): Promise<Locator> {
		await this.page.getByTestId('node-creator-search-bar').fill(text);
		const entry = this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: /^\s*RingMe\s*$/ });
		await entry.waitFor();
		return entry;
	}

	/**
	 * Adds our node with an action, by the action's name in the list.
	 *
	 * @param isAfterNode whether the list was opened by the plus after a node: then it shows the actions at once
	 */
	async pickAction(name: string, { isAfterNode = false } = {}): Promise<void> {
		await (await this.searchNode('RingMe')).click();
		if (!isAfterNode) {
			await this.page
				.getByTestId('node-creator-category-item')
				.filter({ hasText: 'Actions' })
				.click();
		}
		await this.pickEntry(name);
	}

	async pickTrigger(name: string): Promise<void> {
		await (await this.searchNode('RingMe')).click();
		await this.pickEntry(name);
	}

	private async pickEntry(name: string): Promise<void> {
		await this.page
			.getByTestId('node-creator-item-name')
			.filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) })
			.click();
		await this.nodePanel.waitFor();
	}

	/** Chooses in a dropdown of the open node. */
	async choose(parameter: string, option: string): Promise<void> {
		await this.nodePanel.getByTestId(`parameter-input-${parameter}`).click();
		await this.page
			.locator('.el-select-dropdown__item:visible')
			.filter({ has: this.page.getByText(option, { exact: true }) })
			.click();
	}

	/** Fills in a text of the open node. */
	async fill(parameter: string, value: string): Promise<void> {
		const input = this.nodePanel.getByTestId(`parameter-input-${parameter}`).locator('input');
		await input.fill(value);
		await input.blur();
	}

	/** Opens the list of a resource locator. @returns its entries */
	async openList(parameter: string): Promise<Locator> {
		await this.nodePanel
			.getByTestId(`resource-locator-${parameter}`)
			.getByTestId('rlc-input')
			.click();
		const entries = this.page.getByTestId('rlc-item');
		await entries.first().waitFor();
		return entries;
	}

	async execute(): Promise<void> {
		const button = this.nodePanel.getByTestId('node-execute-button');
		await button.click();
		await this.outputPanel.getByTestId('node-run-status-success').waitFor();
		await button.getByText('Execute step').waitFor();
	}

	/** Opens a node on the canvas. */
	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-test-id=canvas-node][data-node-name="${name}"]`).dblclick();
		await this.nodePanel.waitFor();
	}

	async closeNode(): Promise<void> {
		await this.page.getByTestId('ndv-close-button').click();
		await this.nodePanel.waitFor({ state: 'hidden' });
	}

	/** Fills in inputs of the open credential and saves it. */
	async saveCredential(values: Record<string, string>): Promise<void> {
		for (const [name, value] of Object.entries(values)) {
			await this.credentialDialog
				.getByTestId(`parameter-input-${name}`)
				.locator('input')
				.fill(value);
		}
		await this.credentialDialog.getByTestId('credential-save-button').click();
	}

	async closeCredential(): Promise<void> {
		await this.credentialDialog.getByRole('button', { name: 'Close this dialog' }).click();
		await this.credentialDialog.waitFor({ state: 'hidden' });
	}
}
