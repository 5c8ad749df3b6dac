import { personKey } from '../../nodes/RingMe/addTasks/screening';
import type { PendingTask } from '../../nodes/RingMe/run/writeMemory';

const keyOf = (task: PendingTask['task'], resultKey: PendingTask['resultKey'] = null) =>
	personKey({ itemIndex: 0, position: 0, client: '', schedulerId: '2', task, resultKey }, 'Spring');

describe('the key by which Skip People Added Before knows a person', () => {
	const person = { a_number: '+442079461000', b_number: '101', name: 'Ann' };

	it('is the same with or without a plus sign, and with other details', () => {
		expect(keyOf({ ...person, a_number: '442079461000', name: 'Bob' })).toBe(keyOf(person));
	});

	it.each([
		{ ...person, a_number: '+442079461001' },
		{ ...person, b_number: '102' },
		{ b_number: person.a_number, a_number: person.b_number },
		{ a_number: person.a_number },
	])('differs for other numbers: %j', (other) => {
		expect(keyOf(other)).not.toBe(keyOf(person));
	});

	it('differs for another result key', () => {
		expect(new Set([keyOf(person), keyOf(person, 'row 1'), keyOf(person, 'row 2')]).size).toBe(3);
	});
});
