/**
 * Stored credentials and what n8n does with them before a request: defaults, expressions, signing,
 * renewal, and storing of renewed tokens. Behaves like the part of n8n's server that n8n-core calls
 * credentials helper; the store is in memory, and its contents are encrypted.
 */
import type { PackageDirectoryLoader } from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	ICredentialsEncrypted,
	ICredentialsHelper,
	ICredentialType,
	IHttpRequestHelper,
	IHttpRequestOptions,
	INode,
	INodeCredentialsDetails,
	INodeProperties,
	INodeTypes,
	IRequestOptionsSimplified,
	Workflow,
} from 'n8n-workflow';
import { randomUUID } from 'node:crypto';

import type { N8n } from './n8n.mts';
import { oAuth2Api } from './oAuth2Api.mts';

type Data = ICredentialDataDecryptedObject;
type Helper = ICredentialsHelper;

/** The node of a credential test, and of expressions in credentials that belong to no execution. */
export const TEMP_NODE: INode = {
	id: 'temp',
	name: 'Temp-Node',
	type: 'n8n-nodes-base.noOp',
	typeVersion: 1,
	position: [0, 0],
	parameters: {},
};

/** A credential as the user saved it. Several runs that get the same one share its token. */
export interface StoredCredential extends INodeCredentialsDetails {
	id: string;
	type: string;
	/** What is stored now: the user's fields, and tokens that n8n added. */
	data(): Promise<Data>;
}

/** Settings that n8n takes from the credential's description, whatever is stored, if they are hidden there. */
const PINNED_WHEN_HIDDEN = ['grantType', 'authUrl', 'accessTokenUrl', 'authentication', 'usePkce'];

/** Stored values that have no field in the description. */
const WITHOUT_FIELD = ['oauthTokenData', 'allowedHttpRequestDomains', 'allowedDomains'];

export class CredentialsHelper implements Helper {
	private readonly stored = new Map<string, ICredentialsEncrypted>();

	constructor(
		private readonly n8n: N8n,
		private readonly loader: PackageDirectoryLoader,
		private readonly nodeTypes: INodeTypes,
	) {}

	/** Saves a credential as the button "Save" does. */
	async save(type: string, data: Data): Promise<StoredCredential> {
		const details = { id: randomUUID(), name: `${type} of the test` };
		const credentials = new this.n8n.core.Credentials(details, type);
		await credentials.setData(data);
		this.store(credentials);
		return {
			...details,
			type,
			data: async () => await (await this.getCredentials(details, type)).getData(),
		};
	}

	/** The description of a credential type, without what it inherits. */
	type(name: string): ICredentialType {
		return name === oAuth2Api.name ? oAuth2Api : this.loader.getCredential(name).type;
	}

	getParentTypes(name: string): string[] {
		const parents = this.type(name).extends ?? [];
		return [...parents, ...parents.flatMap((parent) => this.getParentTypes(parent))];
	}

	isCredentialUsableByNode(): boolean {
		return true;
	}

	getCredentialsProperties(name: string): INodeProperties[] {
		const { extends: parents = [], properties } = this.type(name);
		const merged: INodeProperties[] = [];
		for (const list of [
			...parents.map((parent) => this.getCredentialsProperties(parent)),
			properties,
		]) {
			this.n8n.workflow.NodeHelpers.mergeNodeProperties(merged, list);
		}
		return merged;
	}

	async getCredentials({ id }: INodeCredentialsDetails, type: string) {
		const entity = this.stored.get(id ?? '');
		if (entity?.type !== type) throw new Error(`There is no credential ${id} of type ${type}`);
		return new this.n8n.core.Credentials({ id, name: entity.name }, type, entity.data);
	}

	getDecrypted: Helper['getDecrypted'] = async (
		additionalData,
		details,
		type,
		mode,
		executeData,
		raw,
		execution,
	) => {
		const stored = await (await this.getCredentials(details, type)).getData();
		if (raw) return stored;

		const properties = this.getCredentialsProperties(type);
		const values = { ...stored };
		for (const { name, type: kind } of properties) {
			if (kind === 'hidden' && PINNED_WHEN_HIDDEN.includes(name)) delete values[name];
		}
		const { NodeHelpers } = this.n8n.workflow;
		const data = NodeHelpers.getNodeParameters(
			properties,
			values as never,
			true,
			false,
			null,
			null,
		) as Data;
		for (const key of WITHOUT_FIELD) {
			if (stored[key] !== undefined) data[key] = stored[key];
		}

		// Expressions may refer to other fields ($self) and, in an execution, to the item.
		const keys = this.n8n.core.getAdditionalKeys(additionalData, mode, null, {
			isCredential: true,
		});
		if (execution) {
			const { workflow, runExecutionData, runIndex, itemIndex, node, connectionInputData } =
				execution;
			return workflow.expression.getParameterValue(
				data as never,
				runExecutionData,
				runIndex,
				itemIndex,
				node.name,
				connectionInputData,
				mode,
				keys,
				executeData,
				false,
				data,
			) as unknown as Data;
		}
		const { expression } = new this.n8n.workflow.Workflow({
			nodes: [TEMP_NODE],
			connections: {},
			active: false,
			nodeTypes: this.nodeTypes,
		});
		return await expression.withIsolate(
			async () =>
				expression.getComplexParameterValue(
					TEMP_NODE,
					data as never,
					mode,
					keys,
					undefined,
					undefined,
					data,
				) as unknown as Data,
		);
	};

	async authenticate(
		credentials: Data,
		typeName: string,
		request: IHttpRequestOptions | IRequestOptionsSimplified,
		workflow: Workflow,
		node: INode,
	): Promise<IHttpRequestOptions> {
		const { authenticate } = this.type(typeName);
		const options = request as IHttpRequestOptions;
		if (typeof authenticate === 'function') return await authenticate(credentials, options);

		const resolve = (value: unknown) => {
			if (!this.n8n.workflow.isExpression(value)) return value;
			const keys = { $credentials: credentials as never };
			const result = workflow.expression.getSimpleParameterValue(node, value, 'internal', keys);
			return result ? String(result) : '';
		};
		for (const [part, entries] of Object.entries(authenticate?.properties ?? {})) {
			const target = ((options as unknown as Record<string, Record<string, unknown>>)[part] ??= {});
			for (const [key, value] of Object.entries(entries ?? {})) {
				target[resolve(key) as string] = resolve(value);
			}
		}
		return options;
	}

	/** Fetches and stores a token if there is none or it expired, and in every credential test. */
	async preAuthentication(
		helpers: IHttpRequestHelper,
		credentials: Data,
		typeName: string,
		node: INode,
		expired: boolean,
	): Promise<Data | undefined> {
		const { properties, preAuthentication } = this.type(typeName);
		const token = properties.find((p) => p.type === 'hidden' && p.typeOptions?.expirable);
		if (!token || !preAuthentication) return undefined;
		const testing = node.type === TEMP_NODE.type && node.parameters.temp === '';
		if (credentials[token.name] !== '' && !expired && !testing) return undefined;

		const output = await preAuthentication.call(helpers, credentials);
		const details = node.credentials?.[typeName];
		if (output[token.name] === undefined || !details) return undefined;
		const stored = await (await this.getCredentials(details, typeName)).getData();
		// A field that the user fills by an expression keeps the expression.
		const changed = Object.entries(output).filter(
			([key]) => key === token.name || !this.n8n.workflow.isExpression(stored[key]),
		);
		await this.updateCredentials(
			details,
			typeName,
			Object.assign(stored, Object.fromEntries(changed)),
		);
		return Object.assign(credentials, output);
	}

	async runPreAuthentication(helpers: IHttpRequestHelper, credentials: Data, typeName: string) {
		const output = await this.type(typeName).preAuthentication?.call(helpers, credentials);
		return output as Data | undefined;
	}

	async updateCredentials(details: INodeCredentialsDetails, type: string, data: Data) {
		const credentials = await this.getCredentials(details, type);
		await credentials.setData(data);
		this.store(credentials);
	}

	async updateCredentialsOauthTokenData(
		details: INodeCredentialsDetails,
		type: string,
		data: Data,
	) {
		const credentials = await this.getCredentials(details, type);
		await credentials.updateData({ oauthTokenData: data.oauthTokenData });
		this.store(credentials);
	}

	private store(credentials: { getDataToSave(): ICredentialsEncrypted }) {
		const entity = credentials.getDataToSave();
		this.stored.set(entity.id ?? '', entity);
	}
}
