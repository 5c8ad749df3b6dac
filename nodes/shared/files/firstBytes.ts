import type { BinaryHelperFunctions } from 'n8n-workflow';

/** A stream, without Node's own types. */
export type Stream = Exclude<Parameters<BinaryHelperFunctions['prepareBinaryData']>[0], Buffer>;

/** The most that is looked at. */
const MAX_BYTES = 4096;

export interface Beginning {
	/** Up to 4,096 bytes. */
	bytes: Buffer;
	/** The whole content: the stream as if nobody had looked, or its bytes where it has ended already. */
	content: Stream | Buffer;
}

/**
 * Looks at the first bytes of a stream.
 *
 * @throws the error of the stream, or one that it was closed
 */
export async function firstBytes(stream: Stream): Promise<Beginning> {
	return await new Promise<Beginning>((resolve, reject) => {
		const chunks: Buffer[] = [];
		let size = 0;
		const stopReading = () =>
			stream.off('readable', read).off('end', end).off('error', fail).off('close', close);
		const succeed = (bytes: Buffer, content: Stream | Buffer) => {
			stopReading();
			resolve({ bytes: bytes.subarray(0, MAX_BYTES), content });
		};
		function read() {
			for (;;) {
				const chunk = stream.read() as Buffer | null;
				if (chunk === null) return;
				chunks.push(chunk);
				size += chunk.length;
				if (size < MAX_BYTES) continue;
				const bytes = Buffer.concat(chunks);
				stream.unshift(bytes);
				succeed(bytes, stream);
				return;
			}
		}
		function end() {
			const bytes = Buffer.concat(chunks);
			succeed(bytes, bytes);
		}
		function fail(error: Error) {
			stopReading();
			reject(error);
		}
		function close() {
			fail(new Error('Stream closed before its end'));
		}
		stream.on('readable', read).on('end', end).on('error', fail).on('close', close);
	});
}
