import { PbxError, badRequest } from '../http/errors.mts';
import { sniffAudio } from '../state/audio.mts';
import type { Sound } from '../state/types.mts';
import { notEmpty } from './checks.mts';
import { collection, withinLimit } from './collection.mts';
import type { Ctx, Handlers } from './context.mts';
import { FileAnswer } from './context.mts';
import { filtered, paged } from './list.mts';

/** Name under which call scenarios play the sound. */
function storedName(id: number, audio: Buffer): string {
	return `sound_${id}.${sniffAudio(audio) === 'audio/mpeg' ? 'mp3' : 'wav'}`;
}

/** The uploaded file; 400 unless its bytes are those of a WAV or an MP3. */
function audioIn({ files }: Ctx): Buffer {
	const data = files.file?.data;
	if (!data || !sniffAudio(data)) {
		throw badRequest('file must be a WAV (integer samples) or MP3 file');
	}
	return data;
}

/** The client's sounds and those the operator gives to all. */
function matching(ctx: Ctx): Sound[] {
	const q = String((ctx.query.q as string | undefined) ?? '').toLowerCase();
	return filtered(ctx, ctx.store.sounds.list()).filter(
		(sound) =>
			(ctx.query.own_only !== true || sound.client_id !== null) &&
			sound.title.toLowerCase().includes(q),
	);
}

const basics = collection<Sound>({
	operations: { get: 'getSound', update: 'updateSound', remove: 'deleteSound' },
	table: (store) => store.sounds,
	param: 'sound_id',
	owned: (sound) => sound.client_id !== null,
	check: (body) => notEmpty(body, 'title'),
	removed({ id }, { store }) {
		if (store.client.hold_music === id) store.client.hold_music = null;
	},
});

/** Greetings and music on hold. */
export const sounds: Handlers = {
	...basics,
	listSounds: (ctx) => paged(ctx, matching(ctx)),
	searchSounds: (ctx) => ({ total_count: matching(ctx).length }),
	uploadSound(ctx) {
		const { store, body } = ctx;
		notEmpty(body, 'title');
		const audio = audioIn(ctx);
		const own = store.sounds.filter((sound) => sound.client_id !== null).length;
		withinLimit(ctx, 'sound_limit', own);
		const sound = store.sounds.insert({
			client_id: store.client.id,
			dealer_id: null,
			title: String(body.title),
			filename: '',
			audio,
		});
		sound.filename = storedName(sound.id, audio);
		return sound;
	},
	replaceSoundFile(ctx) {
		const sound = basics.getSound(ctx) as Sound;
		if (sound.client_id === null) throw new PbxError(403, 'Access denied', 'access_denied');
		notEmpty(ctx.body, 'title');
		sound.audio = audioIn(ctx);
		sound.filename = storedName(sound.id, sound.audio);
		if (ctx.body.title !== undefined) sound.title = String(ctx.body.title);
		return sound;
	},
	downloadSound(ctx) {
		const sound = basics.getSound(ctx) as Sound;
		const mediaType = sniffAudio(sound.audio) ?? 'application/octet-stream';
		return new FileAnswer(sound.audio, mediaType, sound.filename);
	},
};
