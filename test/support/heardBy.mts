import type { MenuCallRecord } from '../../sandbox/telephony/index.mts';

/** Everything that a caller of a voice menu heard: `speech: Hello`, `ringing: 101,102`. */
export const heardBy = ({ heard }: MenuCallRecord): string[] =>
	heard.map((each) => {
		switch (each.kind) {
			case 'speech':
				return `speech: ${each.text}`;
			case 'sound':
				return `${each.where}: ${each.file}`;
			case 'silence':
				return `silence: ${each.seconds}`;
			case 'ringing':
				return `ringing: ${each.numbers.join()}`;
			case 'conversation':
				return `conversation: ${each.number}`;
		}
	});
