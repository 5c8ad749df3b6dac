import { PbxError, badRequest } from '../http/errors.mts';
import { detectAudioType } from '../state/audio.mts';
import type { Sound } from '../state/types.mts';
import { assertNotEmpty } from './checks.mts';
import { assertWithinLimit, collection } from './collection.mts';
import type { Context, Handlers } from './context.mts';
import { FileResponse } from './context.mts';
import { applyFilters, paginate } from './list.mts';

/** The name by which call scenarios refer to the sound. */
function storedName(id: number, audio: Buffer): string {
	return `sound_${id}.${detectAudioType(audio) === 'audio/mpeg' ? 'mp3' : 'wav'}`;
}

/** The uploaded file. @throws PbxError 400 unless it is a WAV or MP3 file */
function uploadedAudio({ files }: Context): Buffer {
	const data = files.file?.data;
	if (!data || !detectAudioType(data)) {
		throw badRequest('file must be a WAV (integer samples) or MP3 file');
	}
	return data;
}

/** The sounds that match the query: those of the client and those that the operator gives to all. */
function findSounds(context: Context): Sound[] {
	const search = String((context.query.q as string | undefined) ?? '').toLowerCase();
	return applyFilters(context, context.store.sounds.list()).filter(
		(sound) =>
			(context.query.own_only !== true || sound.client_id !== null) &&
			sound.title.toLowerCase().includes(search),
	);
}

const commonHandlers = collection<Sound>({
	operations: { get: 'getSound', update: 'updateSound', remove: 'deleteSound' },
	table: (store) => store.sounds,
	idParameter: 'sound_id',
	isOwn: (sound) => sound.client_id !== null,
	validate: (body) => assertNotEmpty(body, 'title'),
	afterDelete({ id }, { store }) {
		if (store.client.hold_music === id) store.client.hold_music = null;
	},
});

/** Greetings and music on hold. */
export const sounds: Handlers = {
	...commonHandlers,
	listSounds: (context) => paginate(context, findSounds(context)),
	searchSounds: (context) => ({ total_count: findSounds(context).length }),
	uploadSound(context) {
		const { store, body } = context;
		assertNotEmpty(body, 'title');
		const audio = uploadedAudio(context);
		const ownCount = store.sounds.filter((sound) => sound.client_id !== null).length;
		assertWithinLimit(context, 'sound_limit', ownCount);
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
	replaceSoundFile(context) {
		const sound = commonHandlers.getSound(context) as Sound;
		if (sound.client_id === null) throw new PbxError(403, 'Access denied', 'access_denied');
		assertNotEmpty(context.body, 'title');
		sound.audio = uploadedAudio(context);
		sound.filename = storedName(sound.id, sound.audio);
		if (context.body.title !== undefined) sound.title = String(context.body.title);
		return sound;
	},
	downloadSound(context) {
		const sound = commonHandlers.getSound(context) as Sound;
		const mediaType = detectAudioType(sound.audio) ?? 'application/octet-stream';
		return new FileResponse(sound.audio, mediaType, sound.filename);
	},
};
