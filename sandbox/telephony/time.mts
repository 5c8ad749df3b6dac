/** `YYYY-MM-DD HH:MM:SS` in UTC, the PBX's own form, of epoch milliseconds. */
export function toGmt(ms: number): string {
	return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}
