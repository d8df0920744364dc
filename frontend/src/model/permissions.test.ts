/** Permissions a person at a time, and a rehearsal a person once, over all conversations. */
import { describe, expect, it } from 'vitest';
import type { DirectiveOut, RehearsalOut, Seer } from '../wire.gen';
import { cardsOf, permissionOf } from './permissions';
import { rehearsalOf } from './rehearsal';

const said = (wish: Partial<DirectiveOut>): DirectiveOut => ({
  id: 'a', effect: 'permit', grantee_kind: 1, grantee: 'fp', grantee_user: 'sam', grantee_name: 'Sam', grantee_role: 'psychiatrist',
  grantee_organisation: 'Northgate', actions: 3, threads: ['t'], labels: [], purposes: ['TREAT'], history: 2, history_from: 0, nbf: 1, exp: 2,
  given_at: 1, ended_at: null, state: 'active', voice: 'patient', given_by: [], method: 'app', statement: '', server: '{}', body: '', signers: [],
  ...wish,
});

const seer = (user: string, before: Seer['before'], after: Seer['after'], directives: string[] = []): Seer => ({
  user, name: user, role: '', organisation: '', before, after, reason: '', directives,
});

describe('cards', () => {
  it('hold all of one person, what stands apart from what ended', () => {
    const all = [said({ id: '1' }), said({ id: '2', state: 'revoked' }), said({ id: '3', effect: 'deny' }), said({ id: '4', grantee_user: 'tom', grantee_name: 'Ann' })];
    const cards = cardsOf(all.map((one) => permissionOf(one, undefined)));
    expect(cards.map((card) => card.who)).toEqual(['Ann', 'Sam']);
    expect([cards[1]?.permits, cards[1]?.past, cards[1]?.denies].map((some) => some?.map((one) => one.id))).toEqual([['1'], ['2'], ['3']]);
  });

  it('put a key that has no account, and a group, on cards of their own', () => {
    const group = said({ grantee_kind: 4, grantee: '', grantee_user: null, grantee_name: '', grantee_role: '', grantee_organisation: '' });
    const cards = cardsOf([said({}), group].map((one) => permissionOf(one, undefined)));
    expect(cards.map((card) => card.who)).toEqual(['Everyone who looks after you', 'Sam']);
  });

  it('say who ended a permission and by which withdrawal', () => {
    const end = { directive: 'a', how: 'withdrawn' as const, by: ['Ingrid'], at: 9, withdrawal: 'w' };
    expect(permissionOf(said({ state: 'revoked', ended_at: 9 }), end)).toMatchObject({ endedBy: ['Ingrid'], withdrawal: 'w', endedAt: 9, state: 'withdrawn' });
  });
});

describe('a rehearsal', () => {
  it('tells of each person once who stays, who goes and who comes', () => {
    const answer: RehearsalOut = {
      places: [
        { thread: 'one', seers: [seer('Sam', ['read'], []), seer('Elena', ['read'], ['read'], ['d'])] },
        { thread: 'two', seers: [seer('Sam', ['read'], ['read', 'join'], ['e']), seer('Tom', [], ['read']), seer('Ann', ['read', 'join'], [])] },
      ],
    };
    const { stays, goes, comes } = rehearsalOf(answer);
    expect([stays, goes, comes].map((some) => some.map((one) => one.name))).toEqual([['Elena', 'Sam'], ['Ann'], ['Tom']]);
    expect(stays[1]).toMatchObject({ directives: ['e'], joinsAfter: true });
  });
});
